"""Changes of address that wait for both sides."""

from typing import Final

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from core.domain.email_changes import EmailChange
from core.domain.errors import InvalidInput
from core.domain.ids import AccountId, EpochSeconds
from core.domain.tickets import Purpose
from core.store.account_rows import AccountsRow, account_pk
from core.store.faults import translated
from core.store.rows import attributes_of, bound, noun_of

EMAIL_CHANGE_SK: Final = "email-change"


class EmailChangeRow(AccountsRow):
    account_id = UnicodeAttribute()
    new_email = UnicodeAttribute()
    expires_at = NumberAttribute()
    old_agreed = BooleanAttribute()
    new_agreed = BooleanAttribute()

    @classmethod
    def of(cls, change: EmailChange) -> "EmailChangeRow":
        return cls(pk=account_pk(change.account_id), sk=EMAIL_CHANGE_SK, ttl=change.expires_at, **attributes_of(change))

    def noun(self) -> EmailChange:
        return noun_of(EmailChange, self)


class EmailChangeRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, accounts_table: str) -> None:
        self._rows = bound(EmailChangeRow, accounts_table)

    def start(self, change: EmailChange) -> None:
        """Takes the place of the account's change before."""
        with translated():
            self._rows.of(change).save()

    def find(self, account_id: AccountId, now: EpochSeconds) -> EmailChange | None:
        row = self._rows.find(account_pk(account_id), EMAIL_CHANGE_SK)
        return row.noun() if row is not None and row.expires_at > now else None

    def agree(self, change: EmailChange, purpose: Purpose) -> EmailChange:
        """Notes one side's word; both may give theirs at the same time. Idempotent.

        Raises InvalidInput(`email_token_invalid`) if the change was given up meanwhile.
        """
        rows = self._rows
        row = rows(pk=account_pk(change.account_id), sk=EMAIL_CHANGE_SK)
        side = rows.old_agreed if purpose is Purpose.LEAVE_EMAIL else rows.new_agreed
        given_up = InvalidInput("This link is not valid any more.", code="email_token_invalid", field="token")
        with translated(or_else=given_up):
            row.update(actions=[side.set(True)], condition=rows.new_email == change.new_email)
        return row.noun()

    def end(self, account_id: AccountId) -> None:
        """It is done, or given up."""
        with translated():
            self._rows(pk=account_pk(account_id), sk=EMAIL_CHANGE_SK).delete()
