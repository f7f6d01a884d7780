"""Accounts, unique by e-mail address and username."""

from collections.abc import Sequence
from dataclasses import replace

from core.domain.accounts import Account
from core.domain.errors import Conflict, NotFound
from core.domain.ids import AccountId, EpochSeconds, new_id
from core.messages.message import Message
from core.store.account_rows import (
    ACCOUNT_SK,
    NAME_SK,
    AccountRow,
    NameRow,
    account_pk,
    email_pk,
    username_pk,
)
from core.store.outbox import puts_of
from core.store.rows import bound
from core.store.writes import Delete, Put, Write, write_all


class AccountRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, accounts_table: str, outbox_table: str) -> None:
        self._outbox_table = outbox_table
        self._accounts = bound(AccountRow, accounts_table)
        self._names = bound(NameRow, accounts_table)

    def create(self, account: Account, events: Sequence[Message] = (), also: Sequence[Write] = ()) -> None:
        """Writes the account, its unique names, its events, and what else must be there, or nothing of it.

        Raises Conflict (`email_taken`, `username_taken`), and what `also` says.
        """
        free = self._names.pk.does_not_exist()
        names = (
            (email_pk(account.email), Conflict("This e-mail address has an account already.", code="email_taken")),
            (username_pk(account.username), Conflict("This username is taken.", code="username_taken")),
        )
        write_all(
            [
                Put(row=self._accounts.of(account), only_if=self._accounts.pk.does_not_exist()),
                *(
                    Put(row=self._names(pk=pk, sk=NAME_SK, account_id=account.id), only_if=free, or_else=taken)
                    for pk, taken in names
                ),
                *also,
                *puts_of(events, self._outbox_table, account.created_at),
            ]
        )

    def get(self, account_id: AccountId) -> Account:
        """Raises NotFound(`account_not_found`)."""
        row = self._accounts.find(account_pk(account_id), ACCOUNT_SK)
        if row is None:
            raise _not_found()
        return row.noun()

    def find_by_email(self, email: str) -> Account | None:
        """The account with this address, in whatever case it was typed.

        Reads as much for an unknown address, so that the time taken doesn't tell whether there is an account.
        """
        name = self._names.find(email_pk(email), NAME_SK)
        account_id = AccountId(name.account_id if name else new_id())
        row = self._accounts.find(account_pk(account_id), ACCOUNT_SK)
        return row.noun() if row else None

    def save(
        self, account: Account, *, events: Sequence[Message] = (), also: Sequence[Write] = (), now: EpochSeconds
    ) -> Account:
        """Writes the changed account, its events, and what else must change with it; returns it with the next revision.

        Its names stay as they are. Raises Conflict(`stale_account`) if somebody saved it since it was read: load it and
        decide again; and what `also` says.
        """
        saved = replace(account, revision=account.revision + 1)
        write_all([self._change(account, saved), *also, *puts_of(events, self._outbox_table, now)])
        return saved

    def tell(self, events: Sequence[Message], now: EpochSeconds) -> None:
        """Writes events that come with no change."""
        write_all(puts_of(events, self._outbox_table, now))

    def has_username(self, username: str) -> bool:
        return self._names.find(username_pk(username), NAME_SK) is not None

    def save_with_new_email(self, account: Account, old_email: str) -> Account:
        """Writes the account with its new address, which leads to it from now on; the old one is free again.

        Raises Conflict (`email_taken`, `stale_account`).
        """
        saved = replace(account, revision=account.revision + 1)
        taken = Conflict("This e-mail address has an account already.", code="email_taken")
        write_all(
            [
                self._change(account, saved),
                Put(
                    row=self._names(pk=email_pk(saved.email), sk=NAME_SK, account_id=account.id),
                    only_if=self._names.pk.does_not_exist(),
                    or_else=taken,
                ),
                Delete(row=self._names(pk=email_pk(old_email), sk=NAME_SK)),
            ]
        )
        return saved

    def _change(self, account: Account, saved: Account) -> Put:
        unchanged = self._accounts.revision == account.revision
        if account.revision == 0:  # rows written before there were revisions have none
            unchanged |= self._accounts.pk.exists() & self._accounts.revision.does_not_exist()
        stale = Conflict("The account was changed meanwhile.", code="stale_account")
        return Put(row=self._accounts.of(saved), only_if=unchanged, or_else=stale)


def _not_found() -> NotFound:
    return NotFound("There is no such account.", code="account_not_found")
