"""Hashes in microseconds instead of a tenth of a second. Not a hash to keep anything safe with."""

import hashlib
from collections.abc import Sequence


class FakePasswordHasher:
    def __init__(self) -> None:
        self.verified: list[str] = []
        """Every hash that was ever asked about: who looks for a shortcut around the work finds it here."""

    def hash(self, password: str) -> str:
        return f"fake${hashlib.sha256(password.encode()).hexdigest()}"

    def verify(self, hashed: str, password: str) -> bool:
        self.verified.append(hashed)
        return hashed.removeprefix("old$") == self.hash(password)

    def is_outdated(self, hashed: str) -> bool:
        return hashed.startswith("old$")

    def decoy(self) -> str:
        return f"fake${'0' * 64}"


class FakePasswordGuesser:
    """Knows the person's own words and how many different characters there are, and nothing of crackers' lists."""

    def guesses(self, password: str, own_words: Sequence[str]) -> int:
        lowered = password.casefold()
        if any(len(word) >= 4 and word.casefold() in lowered for word in own_words):
            return 1
        return int(len(set(lowered)) ** min(len(password), 20))
