"""Accounts that close: which are due, and what is left of them is taken away."""

from core.domain.accounts import Account
from core.domain.errors import Conflict
from core.domain.ids import AccountId, EpochSeconds
from core.domain.limits import USERNAME_REST_S
from core.messages.accounts import AccountErased, AccountErasureDue
from core.store.account_rows import (
    ACCOUNT_SK,
    CLOSING_GROUP,
    NAME_SK,
    AccountRow,
    AccountsRow,
    NameRow,
    account_pk,
    email_pk,
    username_pk,
)
from core.store.faults import translated
from core.store.outbox import puts_of
from core.store.rows import bound
from core.store.tables import BY_CLOSING
from core.store.writes import Delete, Put, write_all


class ClosingRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, accounts_table: str, outbox_table: str) -> None:
        self._outbox_table = outbox_table
        self._rows = bound(AccountsRow, accounts_table)
        self._accounts = bound(AccountRow, accounts_table)
        self._names = bound(NameRow, accounts_table)

    def due(self, now: EpochSeconds, *, limit: int) -> list[AccountId]:
        """Accounts whose time is over, the longest ago first.

        Eventually consistent: an account may be kept, or gone, meanwhile; who erases it looks again.
        """
        passed = self._accounts.closing_at <= now
        with translated():
            found = self._accounts.query(CLOSING_GROUP, passed, index_name=BY_CLOSING.name, limit=limit)
            return [AccountId(row.id) for row in found]

    def announce(self, account_id: AccountId, now: EpochSeconds) -> None:
        """Has the account erased."""
        write_all(puts_of([AccountErasureDue(account_id=account_id)], self._outbox_table, now))

    def erase(self, account: Account, now: EpochSeconds) -> None:
        """The point of no return: from now on nobody finds the account, and nothing in its row tells of a person.

        Its username rests for a while. Raises Conflict(`stale_account`) if the account changed since it was read.
        """
        stale = Conflict("The account was changed meanwhile.", code="stale_account")
        erased = self._accounts.of(account.erased(now))
        erased.revision = account.revision + 1
        resting = self._names(
            pk=username_pk(account.username), sk=NAME_SK, account_id=account.id, ttl=now + USERNAME_REST_S
        )
        write_all(
            [
                Put(row=erased, only_if=self._accounts.revision == account.revision, or_else=stale),
                Delete(row=self._names(pk=email_pk(account.email), sk=NAME_SK)),
                Put(row=resting),
            ]
        )

    def clear(self, account_id: AccountId) -> None:
        """Removes all that lies with the account but its own row, so that a clearing cut short is found again."""
        with translated():
            for row in self._rows.query(account_pk(account_id), consistent_read=True):
                if row.sk != ACCOUNT_SK:
                    row.delete()

    def remove(self, account_id: AccountId, now: EpochSeconds) -> None:
        """The account's own row, and tells that it is gone. Once: nothing happens if it was gone before."""
        gone = Conflict("The account is gone.", code="account_gone")
        row = self._accounts(pk=account_pk(account_id), sk=ACCOUNT_SK)
        try:
            write_all(
                [
                    Delete(row=row, only_if=self._accounts.erased_at.exists(), or_else=gone),
                    *puts_of([AccountErased(account_id=account_id)], self._outbox_table, now),
                ]
            )
        except Conflict as conflict:
            if conflict is not gone:
                raise
