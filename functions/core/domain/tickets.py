"""Secrets that open one thing, once, for a while: mailed, or sent to a browser. Stored as hashes alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.domain.ids import AccountId, EpochSeconds


class Purpose(StrEnum):
    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose
    SIGN_IN = "sign_in"
    LEAVE_EMAIL = "leave_email"
    """The old address agrees to a change."""
    TAKE_EMAIL = "take_email"
    """The new address agrees to a change."""
    PROVIDER_SIGN_IN = "provider_sign_in"
    """A provider has told who is there; the browser that went there comes to fetch its session."""
    PASSKEY_REGISTER = "passkey_register"
    """A challenge for a new passkey; not mailed, but sent to the browser."""
    PASSKEY_SIGN_IN = "passkey_sign_in"
    """A challenge for whoever has a passkey."""


LIFE_S: Final[Mapping[Purpose, int]] = {
    Purpose.VERIFY_EMAIL: 24 * 3600,
    Purpose.RESET_PASSWORD: 30 * 60,
    Purpose.SIGN_IN: 10 * 60,
    Purpose.LEAVE_EMAIL: 24 * 3600,
    Purpose.TAKE_EMAIL: 24 * 3600,
    Purpose.PROVIDER_SIGN_IN: 5 * 60,
    Purpose.PASSKEY_REGISTER: 5 * 60,
    Purpose.PASSKEY_SIGN_IN: 5 * 60,
}
"""What signs in lives ten minutes (OWASP ASVS 5, 6.6.3); what only proves an address may wait for a person."""

TICKET_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """`bound_to` is the hash of what the browser that asked for it keeps, if it must be used from there. `state` is the
    account's (`state_of`) if it ends with that."""

    secret_hash: str
    purpose: Purpose
    account_id: AccountId
    expires_at: EpochSeconds
    bound_to: str | None = None
    state: str | None = None
