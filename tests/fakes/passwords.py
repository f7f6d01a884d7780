"""Hashes in microseconds instead of a tenth of a second. Not a hash to keep anything safe with."""

import hashlib


class FakePasswordHasher:
    def __init__(self) -> None:
        self.verified: list[str] = []
        """Every hash that was ever asked about: who looks for a shortcut around the work finds it here."""

    def hash(self, password: str) -> str:
        return f"fake${hashlib.sha256(password.encode()).hexdigest()}"

    def verify(self, hashed: str, password: str) -> bool:
        self.verified.append(hashed)
        return hashed == self.hash(password)

    def decoy(self) -> str:
        return f"fake${'0' * 64}"
