"""How far the sweep has asked for what passed to be scanned again, by the version of the virus definitions."""

from dataclasses import dataclass
from typing import Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from core.domain.ids import EpochSeconds
from core.store.faults import translated
from core.store.rows import Row, attributes_of, bound, noun_of
from core.store.tables import SK

_PK: Final = "recheck"
TRACKS: Final = "definitions"
ATTACHMENTS: Final = "attachments"
"""Of which there is a log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckRun:
    """One version of the definitions and the days of scans that were asked for, counted back from `since`."""

    version: str
    since: EpochSeconds
    """When the sweep first saw that version."""
    days_done: int = 0
    after: str | None = None
    """The id of the last one asked for on the day at hand."""


class RecheckRow(Row):
    sk = UnicodeAttribute(range_key=True, attr_name=SK)
    version = UnicodeAttribute()
    since = NumberAttribute()
    days_done = NumberAttribute()
    after = UnicodeAttribute(null=True)


class RecheckLog:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, operations_table: str, of: str = TRACKS) -> None:
        self._rows = bound(RecheckRow, operations_table)
        self._sk = of

    def get(self) -> RecheckRun | None:
        row = self._rows.find(_PK, self._sk)
        return noun_of(RecheckRun, row) if row else None

    def save(self, run: RecheckRun) -> None:
        """Replaces what was noted before."""
        with translated():
            self._rows(pk=_PK, sk=self._sk, **attributes_of(run)).save()
