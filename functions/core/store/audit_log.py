"""The audit log: entries are put and never changed; TTL takes them after their time."""

import json
from datetime import UTC, datetime
from typing import Any

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
            pk=_account_pk(_account_of(entry)),
            sk=entry.id,
            day=day_of(entry.at),
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
        older = None if cursor is None else self._rows.sk < id_of_cursor(cursor)
        with translated():
            found = self._rows.query(_account_pk(account), older, scan_index_forward=False, limit=limit + 1)
            return _page([_noun(row) for row in found], limit)

    def of_day(self, day: str, *, limit: int, cursor: str | None) -> Page[AuditEntry]:
        """Of a UTC day (YYYY-MM-DD), the newest first. Raises InvalidInput (`day_invalid`, `cursor_invalid`)."""
        _must_be_day(day)
        older = None if cursor is None else self._rows.sk < id_of_cursor(cursor)
        with translated():
            found = self._rows.query(
                day, older, index_name=BY_AUDIT_DAY.name, scan_index_forward=False, limit=limit + 1
            )
            return _page([_noun(row) for row in found], limit)


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


def _account_pk(account: str) -> str:
    return f"actor#{account}"


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
