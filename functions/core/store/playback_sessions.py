"""What every account hears at the moment; a play that counts is written with the session it was heard in."""

from dataclasses import replace
from typing import Final

from pynamodb.attributes import NumberAttribute

from core.domain.ids import AccountId, EpochSeconds
from core.domain.playback_sessions import SESSION_KEEP_S, PlaybackSession
from core.messages.tracks import TrackPlayed
from core.store.outbox import puts_of
from core.store.plays import Plays
from core.store.rows import ValueAttribute, bound
from core.store.sockets import RealtimeRow, account_pk
from core.store.writes import Delete, Put, Stale, Write, write_all

_SK: Final = "playback"


class PlaybackSessionRow(RealtimeRow):
    session: ValueAttribute[PlaybackSession] = ValueAttribute(PlaybackSession)
    revision = NumberAttribute()


class PlaybackSessionRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, realtime_table: str, counters_table: str, outbox_table: str) -> None:
        self._rows = bound(PlaybackSessionRow, realtime_table)
        self._plays = Plays(counters_table)
        self._outbox_table = outbox_table

    def get(self, account_id: AccountId) -> PlaybackSession:
        """An idle one if there is none."""
        row = self._rows.find(account_pk(account_id), _SK)
        return PlaybackSession(account_id=account_id) if row is None else row.session

    def remove(self, account_id: AccountId) -> None:
        write_all([Delete(row=self._rows(pk=account_pk(account_id), sk=_SK))])

    def save(self, session: PlaybackSession, now: EpochSeconds) -> PlaybackSession:
        """As it is then; a play is counted and told of in the same transaction, once. Raises Stale."""
        plays = session.is_a_play
        saved = replace(session, counted=session.counted or plays, revision=session.revision + 1)
        writes: list[Write] = [self._put(saved, now, was=session.revision)]
        if plays and session.track_id is not None:
            writes.append(self._plays.one_more(session.track_id))
            event = TrackPlayed(track_id=session.track_id, account_id=session.account_id)
            writes += puts_of([event], self._outbox_table, now)
        write_all(writes)
        return saved

    def _put(self, session: PlaybackSession, now: EpochSeconds, *, was: int) -> Put:
        rows = self._rows
        row = rows(
            pk=account_pk(session.account_id),
            sk=_SK,
            session=session,
            revision=session.revision,
            ttl=now + SESSION_KEEP_S,
        )
        same = rows.revision == was if was else rows.pk.does_not_exist() | (rows.revision == 0)
        return Put(row=row, only_if=same, or_else=Stale("Another device was faster."))
