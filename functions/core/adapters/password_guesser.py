"""zxcvbn: how many guesses a password takes, by the lists and patterns that crackers use (USENIX Security 2016)."""

from collections.abc import Sequence
from typing import Final

from zxcvbn import zxcvbn

READ_MAX: Final = 72
"""Its matching is quadratic in the length; what is longer is judged by its beginning."""


class ZxcvbnGuesser:
    """PasswordGuesser. Its lists take some megabytes and a moment to load, with the first call."""

    def guesses(self, password: str, own_words: Sequence[str]) -> int:
        return int(zxcvbn(password[:READ_MAX], user_inputs=list(own_words))["guesses"])
