"""How far the sweep has asked for promoted tracks to be scanned again, by the version of the virus definitions."""

from dataclasses import dataclass
from typing import Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from core.domain.ids import EpochSeconds, TrackId
from core.store.faults import translated
from core.store.rows import Row, attributes_of, bound, noun_of
from core.store.tables import SK

_PK: Final = "recheck"
_SK: Final = "definitions"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckRun:
    """One version of the definitions and the days of scans that were asked for, counted back from `since`."""

    version: str
    since: EpochSeconds
    """When the sweep first saw that version."""
    days_done: int = 0
    after: TrackId | None = None
    """The last track asked for on the day at hand."""


class RecheckRow(Row):
    sk = UnicodeAttribute(range_key=True, attr_name=SK)
    version = UnicodeAttribute()
    since = NumberAttribute()
    days_done = NumberAttribute()
    after = UnicodeAttribute(null=True)


class RecheckLog:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, operations_table: str) -> None:
        self._rows = bound(RecheckRow, operations_table)

    def get(self) -> RecheckRun | None:
        row = self._rows.find(_PK, _SK)
        return noun_of(RecheckRun, row) if row else None

    def save(self, run: RecheckRun) -> None:
        """Replaces what was noted before."""
        with translated():
            self._rows(pk=_PK, sk=_SK, **attributes_of(run)).save()
