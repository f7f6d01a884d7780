"""TOTP by pyotp."""

from typing import Final

import pyotp

from core.domain.ids import EpochSeconds

ISSUER: Final = "Veza"
SECRET_LETTERS: Final = 32
"""160 bits, as long as the hash (RFC 4226 §4)."""
NEIGHBOURS: Final = (0, -1, 1)
"""Half a minute either way, for clocks and slow fingers (RFC 6238 §5.2)."""


class TotpCodes:
    """OneTimeCodes."""

    def new_secret(self) -> str:
        return pyotp.random_base32(SECRET_LETTERS)

    def uri(self, secret: str, account: str) -> str:
        return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)

    def step_of(self, secret: str, code: str, now: EpochSeconds) -> int | None:
        totp = pyotp.TOTP(secret)
        step = now // totp.interval
        digits = code.replace(" ", "")
        for neighbour in NEIGHBOURS:
            if pyotp.utils.strings_equal(digits, totp.generate_otp(step + neighbour)):
                return int(step + neighbour)
        return None
