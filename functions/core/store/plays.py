"""How often tracks were heard. Many may hear one at once, so a track's count is spread over several items."""

import secrets
from typing import Final

from pynamodb.attributes import NumberAttribute

from core.domain.ids import TrackId
from core.store.faults import translated
from core.store.rows import Row, bound
from core.store.writes import Change

SHARDS: Final = 8
"""Fixed, as rows carry their shard; an item takes about a thousand writes a second."""


class PlaysRow(Row):
    plays = NumberAttribute()


class Plays:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, counters_table: str) -> None:
        self._rows = bound(PlaysRow, counters_table)

    def one_more(self, track_id: TrackId) -> Change:
        rows = self._rows
        return Change(row=rows(pk=_pk(track_id, secrets.randbelow(SHARDS))), actions=(rows.plays.add(1),))

    def of(self, track_id: TrackId) -> int:
        keys = [_pk(track_id, shard) for shard in range(SHARDS)]
        with translated():
            return sum(int(row.plays) for row in self._rows.batch_get(keys))


def _pk(track_id: TrackId, shard: int) -> str:
    return f"plays#{track_id}#{shard}"
