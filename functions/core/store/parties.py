"""Parties: who leads, and what is heard. Who takes part is in the rooms that sockets follow."""

from typing import Final

from pynamodb.attributes import NumberAttribute

from core.domain.errors import NotFound
from core.domain.parties import PARTY_KEEP_S, Party, PartyId
from core.store.rows import ValueAttribute, bound
from core.store.sockets import RealtimeRow
from core.store.writes import Put, Stale, write_all

_SK: Final = "party"


class PartyRow(RealtimeRow):
    party: ValueAttribute[Party] = ValueAttribute(Party)
    seq = NumberAttribute()


class PartyRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, realtime_table: str) -> None:
        self._rows = bound(PartyRow, realtime_table)

    def get(self, party_id: PartyId) -> Party:
        """Raises NotFound(`party_not_found`)."""
        row = self._rows.find(_pk(party_id), _SK)
        if row is None:
            raise NotFound("There is no such party.", code="party_not_found")
        return row.party

    def save(self, party: Party) -> None:
        """Raises Stale unless it is the change right after the one that is there; the first has the seq 1."""
        rows, row = self._rows, self._rows(pk=_pk(party.id), sk=_SK, party=party, seq=party.seq)
        row.ttl = party.changed_at + PARTY_KEEP_S
        before = rows.pk.does_not_exist() if party.seq == 1 else rows.seq == party.seq - 1
        write_all([Put(row=row, only_if=before, or_else=Stale("Somebody was faster."))])


def _pk(party_id: PartyId) -> str:
    return f"party#{party_id}"
