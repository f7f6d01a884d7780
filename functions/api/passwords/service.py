"""Use cases of a password: change it, forget it, choose another one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api.account_changes import Change, change_account
from api.new_passwords import NewPasswords
from api.ways_in import WaysIn
from core.domain.accounts import Account, fold_email, hash_token, state_of
from core.domain.errors import InvalidInput
from core.domain.ids import AccountId, new_id
from core.domain.rates import MAILS_BY_ACCOUNT
from core.domain.tickets import Purpose
from core.limiter import Limiter
from core.messages.accounts import PasswordChanged, PasswordResetAsked
from core.ports.clock import Clock

if TYPE_CHECKING:
    from core.store.accounts import AccountRepository
    from core.store.counters import LockoutRepository
    from core.store.tickets import TicketRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordService:
    accounts: AccountRepository
    tickets: TicketRepository
    lockouts: LockoutRepository
    ways_in: WaysIn
    new_passwords: NewPasswords
    limiter: Limiter
    clock: Clock

    def change(self, account_id: AccountId, new: str) -> Account:
        """Ends every session, the caller's too: who may go on is given a new one by the route, which asked for a proof.

        Raises InvalidInput (`password_weak`, `password_reused`).
        """

        def chosen(account: Account) -> Change:
            renewed = account.with_password(self._hash(account, new))
            return Change(account=renewed, events=[PasswordChanged(account_id=account.id)])

        return change_account(account_id, chosen, accounts=self.accounts, clock=self.clock)

    def ask_for_reset(self, email: str) -> None:
        """Has a link mailed, if there is such an account; in either case the same work. Raises TooMany."""
        address = fold_email(email)
        self.limiter.count(MAILS_BY_ACCOUNT, f"{Purpose.RESET_PASSWORD} {address}")
        account = self.accounts.find_by_email(address)
        asked = PasswordResetAsked(account_id=account.id if account else new_id())
        self.accounts.tell([asked], self.clock.now())

    def reset(self, token: str, new: str, *, evict: bool) -> Account:
        """Takes a new password from who has the mailed link, which works once. The address is verified by that.

        API keys end, and with `evict` whatever else opens the account: passkeys, identities elsewhere. Who was in it
        without being its owner is out then.

        Raises InvalidInput (`reset_token_invalid`, `password_weak`, `password_reused`); after the latter two the link
        still works.
        """
        ticket = self.tickets.find(hash_token(token), Purpose.RESET_PASSWORD, self.clock.now())
        if ticket is None:
            raise _link_is_no_good()
        found = self.accounts.get(ticket.account_id)
        if ticket.bound_to != state_of(found):  # it has another address, or another password, since
            raise _link_is_no_good()
        hashed = self._hash(found, new)
        if not self.tickets.use(ticket):
            raise _link_is_no_good()

        def chosen(account: Account) -> Change:
            renewed = replace(account.with_password(hashed), email_verified=True)
            return Change(account=renewed, events=[PasswordChanged(account_id=account.id)])

        account = change_account(ticket.account_id, chosen, accounts=self.accounts, clock=self.clock)
        self.ways_in.close_to_programs(account.id, self.clock.now())
        if evict:
            self.ways_in.close_others(account.id)
        self.lockouts.clear(hash_token(account.email))
        return account

    def _hash(self, account: Account, new: str) -> str:
        former = (account.password_hash, *account.former_passwords)
        return self.new_passwords.hash(new, email=account.email, username=account.username, former=former)


def _link_is_no_good() -> InvalidInput:
    return InvalidInput("This link is not valid any more.", code="reset_token_invalid", field="token")
