"""Argon2id (RFC 9106); bcrypt hashes of elsewhere verify too, and are outdated at once."""

import secrets
from functools import cached_property
from typing import Final

import argon2
import bcrypt
from argon2.exceptions import VerifyMismatchError

MEMORY_KIB: Final = 19 * 1024
TIME_COST: Final = 2
PARALLELISM: Final = 1
"""OWASP Password Storage Cheat Sheet, Argon2id: at least 19 MiB of memory, 2 iterations, 1 degree of parallelism.

https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id
"""

BCRYPT: Final = "$2"
BCRYPT_READS: Final = 72
"""Bytes; the rest of a password never counted (and newer libraries refuse it)."""


class Argon2PasswordHasher:
    """PasswordHasher. The parameters travel in the hash, so older hashes verify after these have changed."""

    def __init__(self) -> None:
        self._engine = argon2.PasswordHasher(
            time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=PARALLELISM, type=argon2.Type.ID
        )

    def hash(self, password: str) -> str:
        return self._engine.hash(password)

    def verify(self, hashed: str, password: str) -> bool:
        """argon2's InvalidHashError for a row that holds no hash at all: that is a fault of ours, not a wrong word."""
        if hashed.startswith(BCRYPT):
            return bcrypt.checkpw(password.encode()[:BCRYPT_READS], hashed.encode())
        try:
            return self._engine.verify(hashed, password)
        except VerifyMismatchError:
            return False

    def is_outdated(self, hashed: str) -> bool:
        return hashed.startswith(BCRYPT) or self._engine.check_needs_rehash(hashed)

    def decoy(self) -> str:
        return self._decoy

    @cached_property
    def _decoy(self) -> str:
        return self.hash(secrets.token_urlsafe(32))
