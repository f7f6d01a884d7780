"""A change of address, to which the old one and the new one have to agree."""

from dataclasses import dataclass, replace
from typing import Final, Self

from core.domain.accounts import hash_token
from core.domain.ids import AccountId, EpochSeconds
from core.domain.tickets import LIFE_S, Purpose

LIFE: Final = LIFE_S[Purpose.TAKE_EMAIL]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChange:
    """At most one is under way for an account; another one takes its place."""

    account_id: AccountId
    new_email: str
    expires_at: EpochSeconds
    old_agreed: bool = False
    new_agreed: bool = False

    def agreed_by(self, purpose: Purpose) -> Self:
        """After the owner of one of the two addresses followed the link."""
        if purpose is Purpose.LEAVE_EMAIL:
            return replace(self, old_agreed=True)
        return replace(self, new_agreed=True)

    @property
    def binding(self) -> str:
        """What its links are bound to: those of a change that was given up agree to no other one."""
        return hash_token(f"{self.new_email} {self.expires_at}")

    @property
    def is_agreed(self) -> bool:
        return self.old_agreed and self.new_agreed
