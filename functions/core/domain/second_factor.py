"""The second factor: codes of an authenticator app, and recovery codes for the day the app is lost."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from core.domain.ids import AccountId, EpochSeconds

RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 15
"""120 random bits each: too many to guess, so a plain hash keeps them (OWASP ASVS 5, 6.5.2 asks for 112)."""
GROUP: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """`sealed_secret` is the app's shared secret, encrypted. It counts once `confirmed_at` is set.

    `last_step` is the latest 30-second step whose code was used: a code is good once (RFC 6238 §5.2).
    """

    account_id: AccountId
    sealed_secret: str
    confirmed_at: EpochSeconds | None = None
    last_step: int = 0
    recovery_hashes: frozenset[str] = frozenset()


def new_recovery_codes() -> list[str]:
    """Such as `k3wq-7yha-…`: lower-case base32 in groups, to be written down."""
    plain = (base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES))
    return ["-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP)) for code in plain]


def hash_recovery_code(code: str) -> str:
    """However it was typed: case, blanks and dashes do not matter."""
    letters = "".join(c for c in code.lower() if c.isalnum())
    return hashlib.sha256(letters.encode()).hexdigest()


def is_app_code(code: str) -> bool:
    """Six digits of an app, not one of the long recovery codes."""
    digits = code.replace(" ", "")
    return len(digits) == 6 and digits.isascii() and digits.isdecimal()
