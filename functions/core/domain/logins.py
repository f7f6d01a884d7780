"""Sign-ins that were tried, for the account's owner to look at."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.ids import AccountId, EpochSeconds
from core.domain.sessions import Origin, Way


class LoginOutcome(StrEnum):
    SIGNED_IN = "signed_in"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105
    WRONG_CODE = "wrong_code"
    """The password was right, the second factor was not."""
    SUSPENDED = "suspended"
    """The password was right, but the account is shut out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    id: str
    account_id: AccountId
    at: EpochSeconds
    way: Way
    outcome: LoginOutcome
    origin: Origin
