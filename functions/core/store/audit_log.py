"""The audit log: entries are put and never changed; TTL takes them after their time.

A partition takes a thousand writes a second and no more. Whatever everybody writes to, a day and what NOBODY did, is
spread over SHARDS of them by the entry's id, and merged again when it is read.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-sharding.html
"""

import heapq
import json
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from core.domain.audit import NOBODY, AuditEntry
from core.domain.errors import InvalidInput
from core.domain.ids import EpochSeconds
from core.domain.sessions import Origin
from core.store.faults import translated
from core.store.page import Page, cursor_after, id_of_cursor
from core.store.rows import Row, ValueAttribute, bound
from core.store.tables import BY_AUDIT_DAY, SK, TTL

DAY_S = 24 * 3600
SHARDS: Final = 8
"""More can be added, fewer not: what was written before is looked for in as many as there are now."""


class ByDay(GlobalSecondaryIndex["AuditRow"]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = BY_AUDIT_DAY.name
        projection = AllProjection()

    day = UnicodeAttribute(hash_key=True, attr_name=BY_AUDIT_DAY.hash_key.name)
    sk = UnicodeAttribute(range_key=True, attr_name=BY_AUDIT_DAY.range_key.name)


class AuditRow(Row):
    by_day = ByDay()
    sk = UnicodeAttribute(range_key=True, attr_name=SK)
    day = UnicodeAttribute()
    at = NumberAttribute()
    actor = UnicodeAttribute()
    by = UnicodeAttribute()
    subject = UnicodeAttribute(null=True)
    action = UnicodeAttribute()
    target = UnicodeAttribute()
    asked = UnicodeAttribute(null=True)
    status = NumberAttribute()
    code = UnicodeAttribute()
    duration_ms = NumberAttribute()
    request_id = UnicodeAttribute()
    gateway_id = UnicodeAttribute(null=True)
    origin: ValueAttribute[Origin] = ValueAttribute(Origin)
    ttl = NumberAttribute(attr_name=TTL)


class AuditLog:
    """All methods raise StoreUnavailable while DynamoDB can't answer. `keep_days` is the retention."""

    def __init__(self, audit_table: str, *, keep_days: int = 90) -> None:
        self._rows = bound(AuditRow, audit_table)
        self._keep_s = keep_days * DAY_S

    def add(self, entry: AuditEntry) -> None:
        row = self._rows(
            pk=_account_pk(_account_of(entry), entry.id),
            sk=entry.id,
            day=_day_key(day_of(entry.at), shard_of(entry.id)),
            at=entry.at,
            actor=entry.actor,
            by=entry.by,
            subject=entry.subject or None,
            action=entry.action,
            target=json.dumps(dict(entry.target)),
            asked=None if entry.asked is None else json.dumps(dict(entry.asked), ensure_ascii=False),
            status=entry.status,
            code=entry.code,
            duration_ms=entry.duration_ms,
            request_id=entry.request_id,
            gateway_id=entry.gateway_id or None,
            origin=entry.origin,
            ttl=entry.at + self._keep_s,
        )
        with translated():
            row.save(condition=self._rows.pk.does_not_exist())

    def of_account(self, account: str, *, limit: int, cursor: str | None) -> Page[AuditEntry]:
        """What it did, and what was done for it by who was NOBODY until then; the newest first. NOBODY's own are those
        that belong to no account.

        Raises InvalidInput(`cursor_invalid`).
        """
        return self._page(_account_pks(account), None, limit, cursor)

    def of_day(self, day: str, *, limit: int, cursor: str | None) -> Page[AuditEntry]:
        """Of a UTC day (YYYY-MM-DD), the newest first. Raises InvalidInput (`day_invalid`, `cursor_invalid`)."""
        _must_be_day(day)
        keys = [_day_key(day, shard) for shard in range(SHARDS)]
        return self._page(keys, BY_AUDIT_DAY.name, limit, cursor)

    def _page(self, keys: Iterable[str], index: str | None, limit: int, cursor: str | None) -> Page[AuditEntry]:
        """Of all these partitions together: ids grow with time, so the newest of each are the newest of all."""
        older = None if cursor is None else self._rows.sk < id_of_cursor(cursor)

        def newest_of(key: str) -> Iterator[Any]:
            return iter(self._rows.query(key, older, index_name=index, scan_index_forward=False, limit=limit + 1))

        with translated():
            merged = heapq.merge(*(newest_of(key) for key in keys), key=lambda row: str(row.sk), reverse=True)
            return _page([_noun(row) for row in islice(merged, limit + 1)], limit)


def day_of(at: EpochSeconds) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def _must_be_day(text: str) -> None:
    try:
        datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidInput("A day is written as 2026-11-25.", code="day_invalid", field="day") from error


def _account_of(entry: AuditEntry) -> str:
    """Whose page of the log it is on."""
    return (entry.subject or NOBODY) if entry.actor == NOBODY else entry.actor


def _account_pk(account: str, entry_id: str) -> str:
    return _account_pks(account)[shard_of(entry_id) if account == NOBODY else 0]


def _account_pks(account: str) -> list[str]:
    """One person does not write that fast."""
    return [f"actor#{account}#{shard}" for shard in range(SHARDS)] if account == NOBODY else [f"actor#{account}"]


def _day_key(day: str, shard: int) -> str:
    return f"{day}#{shard}"


def shard_of(entry_id: str) -> int:
    return zlib.crc32(entry_id.encode()) % SHARDS


def _page(entries: list[AuditEntry], limit: int) -> Page[AuditEntry]:
    more = len(entries) > limit
    return Page(items=entries[:limit], next_cursor=cursor_after(entries[limit - 1].id) if more else None)


def _noun(row: Any) -> AuditEntry:
    return AuditEntry(
        id=row.sk,
        at=EpochSeconds(row.at),
        actor=row.actor,
        by=row.by,
        subject=row.subject or "",
        action=row.action,
        target=json.loads(row.target),
        asked=None if row.asked is None else json.loads(row.asked),
        status=int(row.status),
        code=row.code,
        duration_ms=int(row.duration_ms),
        request_id=row.request_id,
        gateway_id=row.gateway_id or "",
        origin=row.origin,
    )
