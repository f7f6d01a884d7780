"""Keys for programs: shown once, kept as a hash, with a scope and an end."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from core.domain.errors import InvalidInput
from core.domain.ids import AccountId, EpochSeconds, is_id

PREFIX: Final = "veza"
"""So that people, and scanners of leaked secrets, know one when they see it."""
NAME_MAX: Final = 60
PER_ACCOUNT: Final = 20
LIFE_MAX_S: Final = 365 * 24 * 3600
USE_NOTED_EVERY_S: Final = 60


class Scope(StrEnum):
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"
    """Power over other people's accounts, as far as the owner's roles go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    id: str
    account_id: AccountId
    name: str
    scopes: frozenset[Scope]
    secret_hash: str
    created_at: EpochSeconds
    expires_at: EpochSeconds

    def fits(self, secret: str, now: EpochSeconds) -> bool:
        return hmac.compare_digest(hash_secret(secret), self.secret_hash) and self.expires_at > now


class Presented(NamedTuple):
    """What a key says of itself."""

    account_id: AccountId
    key_id: str
    secret: str


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """With 256 random bits it needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def written(account_id: AccountId, key_id: str, secret: str) -> str:
    """`veza.{account}.{key}.{secret}`: with the account in it, one read finds the key."""
    return f"{PREFIX}.{account_id}.{key_id}.{secret}"


def read(text: str) -> Presented | None:
    """None for what is no key of ours."""
    prefix, _, rest = text.partition(".")
    account_id, _, rest = rest.partition(".")
    key_id, dot, secret = rest.partition(".")
    if prefix != PREFIX or not (dot and secret and is_id(account_id) and is_id(key_id)):
        return None
    return Presented(AccountId(account_id), key_id, secret)


def check_key_name(name: str) -> str:
    """Raises InvalidInput(`name_invalid`)."""
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > NAME_MAX or not tidy.isprintable():
        raise InvalidInput(f"A name has 1 to {NAME_MAX} characters.", code="name_invalid", field="name")
    return tidy
