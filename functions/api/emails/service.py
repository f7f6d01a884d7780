"""Use cases of an e-mail address: have it verified once more, change it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from api.sign_in.service import SignInService
from core.domain.accounts import fold_email, hash_token
from core.domain.email_changes import LIFE, EmailChange
from core.domain.errors import Conflict, InvalidInput
from core.domain.ids import AccountId, EpochSeconds
from core.domain.rates import MAILS_BY_ACCOUNT
from core.domain.sessions import Origin
from core.domain.tickets import Purpose
from core.limiter import Limiter
from core.messages.accounts import EmailChangeAsked, VerificationAsked
from core.ports.clock import Clock

if TYPE_CHECKING:
    from core.domain.tickets import Ticket
    from core.store.accounts import AccountRepository
    from core.store.email_changes import EmailChangeRepository
    from core.store.tickets import TicketRepository


class Agreement(StrEnum):
    WAITING = "waiting"
    """For the other address."""
    CHANGED = "changed"


class Agreed(NamedTuple):
    account_id: AccountId
    status: Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailService:
    accounts: AccountRepository
    tickets: TicketRepository
    changes: EmailChangeRepository
    sign_in: SignInService
    limiter: Limiter
    clock: Clock

    def resend_verification(self, account_id: AccountId) -> None:
        """Raises Conflict(`email_verified`), TooMany: three an hour."""
        if self.accounts.get(account_id).email_verified:
            raise Conflict("Your address is confirmed already.", code="email_verified")
        self.limiter.count(MAILS_BY_ACCOUNT, f"{Purpose.VERIFY_EMAIL} {account_id}")
        self.accounts.tell([VerificationAsked(account_id=account_id)], self.clock.now())

    def ask_for_change(
        self, account_id: AccountId, *, password: str, code: str | None, new_email: str, origin: Origin
    ) -> None:
        """Has a link mailed to both addresses. Whether the new one is taken shows when both agreed, to nobody else.

        Raises InvalidInput(`email_same`), TooMany, and what `SignInService.prove` raises.
        """
        account, address = self.accounts.get(account_id), fold_email(new_email)
        self.sign_in.prove(account_id, password=password, code=code, origin=origin)
        if address == account.email:
            raise InvalidInput("That is your address already.", code="email_same", field="new_email")
        self.limiter.count(MAILS_BY_ACCOUNT, f"{Purpose.TAKE_EMAIL} {account_id}")
        now = self.clock.now()
        change = EmailChange(account_id=account_id, new_email=address, expires_at=EpochSeconds(now + LIFE))
        self.changes.start(change)
        self.accounts.tell([EmailChangeAsked(account_id=account_id)], now)

    def agree(self, token: str) -> Agreed:
        """One address agrees, by the mailed link. Can be repeated until it is done.

        Raises InvalidInput(`email_token_invalid`), Conflict(`email_taken`).
        """
        ticket, now = self._ticket(token), self.clock.now()
        change = self.changes.find(ticket.account_id, now)
        if change is None or change.binding != ticket.bound_to:  # it was given up, or replaced
            raise _link_is_no_good()
        change = self.changes.agree(change, ticket.purpose)
        if not change.is_agreed:
            return Agreed(ticket.account_id, Agreement.WAITING)
        account = self.accounts.get(ticket.account_id)
        if account.email != change.new_email:  # else it was done before, and only the tidying was not
            changed = replace(account, email=change.new_email, email_verified=True)
            self.accounts.save_with_new_email(changed, account.email)
        self.changes.end(account.id)
        return Agreed(account.id, Agreement.CHANGED)

    def give_up_change(self, account_id: AccountId) -> None:
        """The mailed links work no more. Idempotent."""
        self.changes.end(account_id)

    def _ticket(self, token: str) -> Ticket:
        secret_hash, now = hash_token(token), self.clock.now()
        for purpose in (Purpose.LEAVE_EMAIL, Purpose.TAKE_EMAIL):
            if (ticket := self.tickets.find(secret_hash, purpose, now)) is not None:
                return ticket
        raise _link_is_no_good()


def _link_is_no_good() -> InvalidInput:
    return InvalidInput("This link is not valid any more.", code="email_token_invalid", field="token")
