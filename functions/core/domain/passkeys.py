"""Passkeys: key pairs of which a device keeps the private half (W3C Web Authentication, level 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.domain.errors import InvalidInput
from core.domain.ids import AccountId, EpochSeconds

NAME_MAX: Final = 60
PER_ACCOUNT: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """`id` is the credential's id, `public_key` its COSE key, both in base64url."""

    id: str
    account_id: AccountId
    name: str
    public_key: str
    sign_count: int
    backed_up: bool
    """Synchronised between its owner's devices."""
    created_at: EpochSeconds
    last_used_at: EpochSeconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """What goes to `navigator.credentials`; `challenge` (base64url) is in the options too."""

    options: Mapping[str, Any]
    challenge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredential:
    """What a device made; fields as in Passkey."""

    id: str
    public_key: str
    sign_count: int
    backed_up: bool


def check_passkey_name(name: str) -> str:
    """Raises InvalidInput(`name_invalid`)."""
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > NAME_MAX or not tidy.isprintable():
        raise InvalidInput(f"A name has 1 to {NAME_MAX} characters.", code="name_invalid", field="name")
    return tidy
