"""Accounts, unique by e-mail address and username, and the tokens that verify an address."""

from collections.abc import Sequence
from dataclasses import replace

from core.domain.accounts import Account
from core.domain.errors import Conflict, NotFound
from core.domain.ids import AccountId, EpochSeconds, new_id
from core.messages import Message
from core.store.account_rows import (
    ACCOUNT_SK,
    NAME_SK,
    VERIFICATION_SK,
    AccountRow,
    NameRow,
    VerificationRow,
    account_pk,
    email_pk,
    username_pk,
    verification_pk,
)
from core.store.faults import translated
from core.store.outbox import puts_of
from core.store.rows import bound
from core.store.writes import Put, write_all


class AccountRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, accounts_table: str, outbox_table: str) -> None:
        self._outbox_table = outbox_table
        self._accounts = bound(AccountRow, accounts_table)
        self._names = bound(NameRow, accounts_table)
        self._verifications = bound(VerificationRow, accounts_table)

    def create(self, account: Account, events: Sequence[Message] = ()) -> None:
        """Writes the account, its unique names and its events. Raises Conflict (`email_taken`, `username_taken`)."""
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

    def save(self, account: Account, *, events: Sequence[Message] = (), now: EpochSeconds) -> Account:
        """Writes the changed account and its events; returns it with the next revision. Its names stay as they are.

        Raises Conflict(`stale_account`) if somebody saved it since it was read: load it and decide again.
        """
        saved = replace(account, revision=account.revision + 1)
        unchanged = self._accounts.revision == account.revision
        if account.revision == 0:  # rows written before there were revisions have none
            unchanged |= self._accounts.pk.exists() & self._accounts.revision.does_not_exist()
        change = Put(
            row=self._accounts.of(saved),
            only_if=unchanged,
            or_else=Conflict("The account was changed meanwhile.", code="stale_account"),
        )
        write_all([change, *puts_of(events, self._outbox_table, now)])
        return saved

    def tell(self, events: Sequence[Message], now: EpochSeconds) -> None:
        """Writes events that come with no change."""
        write_all(puts_of(events, self._outbox_table, now))

    def add_verification(self, token_hash: str, account_id: AccountId, expires_at: EpochSeconds) -> None:
        """Keeps the hash of a mailed token until it expires; the token itself is nowhere but in the mail."""
        row = self._verifications(
            pk=verification_pk(token_hash),
            sk=VERIFICATION_SK,
            account_id=account_id,
            expires_at=expires_at,
            ttl=expires_at,
        )
        with translated():
            row.save()

    def take_verification(self, token_hash: str, now: EpochSeconds) -> AccountId | None:
        """Whose address the token verifies, or None if it is unknown or expired.

        It may be taken again until it expires: mail programs follow links before people do.
        """
        row = self._verifications.find(verification_pk(token_hash), VERIFICATION_SK)
        # TTL removes rows late, up to days: the expiry decides.
        return AccountId(row.account_id) if row is not None and row.expires_at > now else None


def _not_found() -> NotFound:
    return NotFound("There is no such account.", code="account_not_found")
