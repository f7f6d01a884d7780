"""Exports, in their account's partition."""

from collections.abc import Sequence
from typing import Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from core.domain.errors import Conflict
from core.domain.exports import Export
from core.domain.ids import AccountId, EpochSeconds
from core.domain.limits import EXPORT_KEEP_S
from core.messages.message import Message
from core.store.account_rows import AccountsRow, account_pk
from core.store.faults import translated
from core.store.outbox import puts_of
from core.store.rows import attributes_of, bound, noun_of
from core.store.writes import Put, write_all

EXPORT_PREFIX: Final = "export#"


class ExportRow(AccountsRow):
    id = UnicodeAttribute()
    account_id = UnicodeAttribute()
    asked_at = NumberAttribute()
    ready_at = NumberAttribute(null=True)
    size_bytes = NumberAttribute(null=True)

    @classmethod
    def of(cls, export: Export) -> "ExportRow":
        known_s = 2 * EXPORT_KEEP_S
        """As long again as the zip is kept, so that its owner sees that it has expired."""
        return cls(
            pk=account_pk(export.account_id),
            sk=_sk(export.id),
            ttl=(export.ready_at or export.asked_at) + known_s,
            **attributes_of(export),
        )

    def noun(self) -> Export:
        return noun_of(Export, self)


class ExportRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, accounts_table: str, outbox_table: str) -> None:
        self._outbox_table = outbox_table
        self._rows = bound(ExportRow, accounts_table)

    def add(self, export: Export, *, events: Sequence[Message], now: EpochSeconds) -> None:
        write_all([Put(row=self._rows.of(export)), *puts_of(events, self._outbox_table, now)])

    def finish(self, export: Export, *, events: Sequence[Message], now: EpochSeconds) -> bool:
        """Keeps what became of it; False if it is gone, with its account."""
        gone = Conflict("The export is gone.")
        row = Put(row=self._rows.of(export), only_if=self._rows.pk.exists(), or_else=gone)
        try:
            write_all([row, *puts_of(events, self._outbox_table, now)])
        except Conflict as conflict:
            if conflict is not gone:
                raise
            return False
        return True

    def find(self, account_id: AccountId, export_id: str) -> Export | None:
        row = self._rows.find(account_pk(account_id), _sk(export_id))
        return row.noun() if row else None

    def list_of(self, account_id: AccountId) -> list[Export]:
        """The newest first. Few: TTL takes them after two weeks."""
        with translated():
            found = self._rows.query(
                account_pk(account_id),
                self._rows.sk.startswith(EXPORT_PREFIX),
                scan_index_forward=False,
                consistent_read=True,
            )
            return [row.noun() for row in found]


def _sk(export_id: str) -> str:
    return f"{EXPORT_PREFIX}{export_id}"
