"""Hashes a new password, if it is good enough."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.errors import InvalidInput
from core.domain.passwords import GUESSES_MIN, REMEMBERED, check_length, normal_password, weak
from core.ports.credentials import PasswordGuesser, PasswordHasher


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasswords:
    hasher: PasswordHasher
    guesser: PasswordGuesser

    def hash(self, password: str, *, email: str, username: str, former: Sequence[str] = ()) -> str:
        """The hash to keep. `former` are hashes of passwords that can't be taken again.

        Raises InvalidInput (`password_weak`, `password_reused`).
        """
        secret = normal_password(password)
        check_length(secret)
        own_words = [username, email, *email.split("@"), "veza"]
        if self.guesser.guesses(secret, own_words) < GUESSES_MIN:
            raise weak("The password is too easy to guess. A sentence of your own is better.")
        if any(self.hasher.verify(hashed, secret) for hashed in former if hashed):
            raise InvalidInput(
                f"That is one of your last {REMEMBERED} passwords. Please choose another one.",
                code="password_reused",
                field="password",
            )
        return self.hasher.hash(secret)
