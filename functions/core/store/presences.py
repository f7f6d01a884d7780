"""What people say of whether they are there."""

from typing import Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from core.domain.ids import AccountId
from core.domain.presence import CHOICE_KEEP_S, Chosen, Status
from core.store.faults import translated
from core.store.rows import EnumAttribute, attributes_of, bound, noun_of
from core.store.sockets import RealtimeRow, account_pk
from core.store.writes import Delete, Put, write_all

_SK: Final = "presence"


class PresenceRow(RealtimeRow):
    account_id = UnicodeAttribute()
    status: EnumAttribute[Status] = EnumAttribute(Status)
    track_id = UnicodeAttribute(null=True)
    since = NumberAttribute()


class PresenceRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, realtime_table: str) -> None:
        self._rows = bound(PresenceRow, realtime_table)

    def save(self, chosen: Chosen) -> None:
        row = self._rows(
            pk=account_pk(chosen.account_id), sk=_SK, ttl=chosen.since + CHOICE_KEEP_S, **attributes_of(chosen)
        )
        write_all([Put(row=row)])

    def remove(self, account_id: AccountId) -> None:
        write_all([Delete(row=self._rows(pk=account_pk(account_id), sk=_SK))])

    def of(self, account_ids: list[AccountId]) -> dict[AccountId, Chosen]:
        """Of those who said something."""
        keys = [(account_pk(account_id), _SK) for account_id in sorted(set(account_ids))]
        with translated():
            found = [noun_of(Chosen, row) for row in self._rows.batch_get(keys)] if keys else []
        return {chosen.account_id: chosen for chosen in found}
