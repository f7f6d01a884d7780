"""What each part of the system last said about itself; `/readyz` and `make status` read it."""

from dataclasses import dataclass
from typing import Final

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from core.domain.ids import EpochSeconds
from core.store.faults import translated
from core.store.rows import Row, ValueAttribute, attributes_of, bound, noun_of
from core.store.tables import SK

_HEALTH_PK: Final = "health"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """`detail` is a sentence for people, `facts` are numbers and versions for programs."""

    part: str
    ok: bool
    detail: str
    facts: dict[str, str | int]
    at: EpochSeconds


class HealthRow(Row):
    sk = UnicodeAttribute(range_key=True, attr_name=SK)
    part = UnicodeAttribute()
    ok = BooleanAttribute()
    detail = UnicodeAttribute()
    facts = ValueAttribute(dict[str, str | int])
    at = NumberAttribute()


class HealthRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, operations_table: str) -> None:
        self._rows = bound(HealthRow, operations_table)

    def report(self, report: HealthReport) -> None:
        """Replaces what the part said before."""
        with translated():
            self._rows(pk=_HEALTH_PK, sk=report.part, **attributes_of(report)).save()

    def get(self, part: str) -> HealthReport | None:
        """The part's last report, None if it never made one."""
        row = self._rows.find(_HEALTH_PK, part)
        return noun_of(HealthReport, row) if row else None
