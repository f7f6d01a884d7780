"""The parts of tracks: who is at which one, and what the finished ones left behind."""

from collections.abc import Iterator, Mapping
from typing import Final

from pynamodb.attributes import NumberAttribute

from core.domain.claims import Claim
from core.domain.errors import Conflict
from core.domain.ids import EpochSeconds
from core.domain.parts import PartResult, PartsKey
from core.store.catalogue_rows import CatalogueRow, part_sk, track_pk
from core.store.faults import translated
from core.store.rows import ValueAttribute, bound

KEEP_S: Final = 7 * 24 * 3600
"""No track is in work for so long; its parts are of no use once it is ready."""


class PartRow(CatalogueRow):
    lease_until = NumberAttribute()
    result = ValueAttribute(PartResult, null=True)
    number = NumberAttribute(attr_name="part_number")


class PartRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, catalogue_table: str) -> None:
        self._rows = bound(PartRow, catalogue_table)

    def claim(self, key: PartsKey, number: int, *, now: EpochSeconds, lease_s: int) -> Claim:
        """Ours for `lease_s` seconds, unless it is done or another worker's lease still runs."""
        rows = self._rows
        row = self._row(key, number, lease_until=now + lease_s, now=now)
        free = rows.pk.does_not_exist() | ((rows.lease_until <= now) & rows.result.does_not_exist())
        taken = Conflict("Somebody has the part.")
        try:
            with translated(or_else=taken):
                row.save(condition=free)
        except Conflict:
            found = rows.find(row.pk, row.sk)
            return Claim.DONE if found is not None and found.result is not None else Claim.BUSY
        return Claim.WON

    def release(self, key: PartsKey, number: int, *, now: EpochSeconds) -> None:
        """Free for the next try at once. Without effect on a part that is done."""
        row = self._row(key, number, lease_until=now, now=now)
        try:
            with translated(or_else=Conflict("The part is done.")):
                row.save(condition=self._rows.result.does_not_exist())
        except Conflict:
            return

    def finish(self, key: PartsKey, number: int, result: PartResult, *, now: EpochSeconds) -> None:
        """Two workers that made the same part made the same bytes, so the later one changes nothing."""
        row = self._row(key, number, lease_until=now, now=now)
        row.result = result
        with translated():
            row.save()

    def done(self, key: PartsKey) -> Mapping[int, PartResult]:
        """The results so far, by number, as they are now."""
        with translated():
            found = self._rows.query(
                track_pk(key.track_id),
                self._rows.sk.startswith(part_sk(key.attempt, key.content_id)),
                consistent_read=True,
            )
            results: Iterator[tuple[int, PartResult | None]] = ((int(row.number), row.result) for row in found)
            return {number: result for number, result in results if result is not None}

    def _row(self, key: PartsKey, number: int, *, lease_until: int, now: EpochSeconds) -> PartRow:
        return self._rows(
            pk=track_pk(key.track_id),
            sk=part_sk(key.attempt, key.content_id, number),
            number=number,
            lease_until=lease_until,
            ttl=now + KEEP_S,
        )
