"""Counters that decide: how often somebody did something within a window, and wrong passwords in a row."""

from dataclasses import replace

from pynamodb.attributes import NumberAttribute

from core.domain.errors import Conflict
from core.domain.ids import EpochSeconds
from core.domain.lockout import MAX_S, Lockout, locked_for_s
from core.store.faults import translated
from core.store.rows import Row, bound
from core.store.tables import TTL

KEEP_S = 3600
"""Rows are of no use after their window; TTL may take them then."""


class CounterRow(Row):
    uses = NumberAttribute()
    ttl = NumberAttribute(attr_name=TTL)


class LockoutRow(Row):
    failures = NumberAttribute()
    until = NumberAttribute(null=True)
    ttl = NumberAttribute(attr_name=TTL)


class LastUseRow(Row):
    at = NumberAttribute()
    ttl = NumberAttribute(attr_name=TTL)


class CounterRepository:
    """All methods raise StoreUnavailable while DynamoDB can't count: then nothing that is counted is allowed."""

    def __init__(self, counters_table: str) -> None:
        self._rows = bound(CounterRow, counters_table)

    def add(self, key: str, *, limit: int, window_ends: EpochSeconds) -> int | None:
        """Counts once more in the window of `key` that ends then; the count, or None if `limit` was reached."""
        rows = self._rows
        row = rows(pk=_rate_pk(key, window_ends))
        full = Conflict("The limit is reached.")
        try:
            with translated(or_else=full):
                row.update(
                    actions=[rows.uses.add(1), rows.ttl.set(window_ends + KEEP_S)],
                    condition=rows.uses.does_not_exist() | (rows.uses < limit),
                )
        except Conflict:
            return None
        return int(row.uses)

    def get(self, key: str, *, window_ends: EpochSeconds) -> int:
        """The count in that window."""
        row = self._rows.find(_rate_pk(key, window_ends))
        return 0 if row is None else int(row.uses)


class LockoutRepository:
    """By a hash of the e-mail address, registered or not. All methods raise StoreUnavailable."""

    def __init__(self, counters_table: str) -> None:
        self._rows = bound(LockoutRow, counters_table)

    def get(self, subject: str) -> Lockout:
        row = self._rows.find(_lockout_pk(subject))
        return (
            Lockout() if row is None else Lockout(failures=int(row.failures), until=EpochSeconds(int(row.until or 0)))
        )

    def failed(self, subject: str, now: EpochSeconds) -> Lockout:
        """One more wrong password. Failures that come at the same time are all counted."""
        rows, row = self._rows, self._rows(pk=_lockout_pk(subject))
        with translated():
            row.update(actions=[rows.failures.add(1), rows.ttl.set(now + MAX_S + KEEP_S)])
            failures = int(row.failures)
            if not locked_for_s(failures):
                return Lockout(failures=failures)
        until = EpochSeconds(now + locked_for_s(failures))
        longer = Conflict("It is locked for longer already.")
        try:
            with translated(or_else=longer):
                row.update(
                    actions=[rows.until.set(until), rows.ttl.set(until + MAX_S)],
                    condition=rows.until.does_not_exist() | (rows.until < until),
                )
        except Conflict:  # a failure at the same time was counted after this one, and was faster
            return replace(self.get(subject), failures=failures)
        return Lockout(failures=failures, until=until)

    def clear(self, subject: str) -> None:
        """The right password came."""
        with translated():
            self._rows(pk=_lockout_pk(subject)).delete()


class LastUses:
    """When API keys were used last. Not kept with the keys: all functions of the API may count, few may write those.

    All methods raise StoreUnavailable.
    """

    def __init__(self, counters_table: str) -> None:
        self._rows = bound(LastUseRow, counters_table)

    def note(self, key_id: str, now: EpochSeconds, forget_at: EpochSeconds) -> None:
        with translated():
            self._rows(pk=_use_pk(key_id), at=now, ttl=forget_at).save()

    def of(self, key_id: str) -> EpochSeconds | None:
        row = self._rows.find(_use_pk(key_id))
        return None if row is None else EpochSeconds(int(row.at))


def _use_pk(key_id: str) -> str:
    return f"used#{key_id}"


def _rate_pk(key: str, window_ends: EpochSeconds) -> str:
    return f"rate#{key}#{window_ends}"


def _lockout_pk(subject: str) -> str:
    return f"lockout#{subject}"
