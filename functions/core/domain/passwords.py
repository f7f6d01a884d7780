"""What makes a new password good enough (NIST SP 800-63B §3.1.1.2: length and guessing, no rules of composition)."""

import unicodedata
from typing import Final

from core.domain.errors import InvalidInput
from core.domain.limits import PASSWORD_MAX, PASSWORD_MIN

REMEMBERED: Final = 5
"""So many passwords, the present one included, can't be taken again."""
GUESSES_MIN: Final = 10**8
"""Fewer, by the patterns that crackers know, is too easy (zxcvbn's score 3)."""


def normal_password(password: str) -> str:
    """One form for the same characters typed on different keyboards (NIST SP 800-63B §3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def check_length(password: str) -> None:
    """Raises InvalidInput(`password_weak`)."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise weak(f"A password has {PASSWORD_MIN} to {PASSWORD_MAX} characters.")


def weak(detail: str) -> InvalidInput:
    return InvalidInput(detail, code="password_weak", field="password")
