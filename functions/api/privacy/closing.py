"""Use cases of leaving: have the account erased, and change one's mind in time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api.account_changes import Change, change_account
from core.domain.errors import Conflict
from core.messages.accounts import AccountClosing, AccountKept

if TYPE_CHECKING:
    from core.domain.accounts import Account
    from core.domain.ids import AccountId
    from core.ports.clock import Clock
    from core.store.accounts import AccountRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingService:
    accounts: AccountRepository
    clock: Clock

    def close(self, account_id: AccountId) -> Account:
        """To be erased after CLOSING_GRACE_S; signed out everywhere at once. Asked again, the time stays."""

        def decide(account: Account) -> Change | None:
            if account.closing_at is not None:
                return None
            return Change(account=account.closing(self.clock.now()), events=[AccountClosing(account_id=account_id)])

        return change_account(account_id, decide, accounts=self.accounts, clock=self.clock)

    def keep(self, account_id: AccountId) -> Account:
        """Everything is as before. Raises Conflict(`account_erased`) once the time is over."""

        def decide(account: Account) -> Change | None:
            if account.closing_at is None:
                return None
            if account.erased_at is not None or account.closing_at <= self.clock.now():
                raise Conflict("It is too late: this account is being erased.", code="account_erased")
            return Change(account=replace(account, closing_at=None), events=[AccountKept(account_id=account_id)])

        return change_account(account_id, decide, accounts=self.accounts, clock=self.clock)
