"""Listening together: whoever joins hears what the host leads, at the same position of the same clock."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.domain.errors import NotFound, Unavailable
from core.domain.ids import EpochMs, new_id
from core.domain.parties import LEAD_MS, Party, PartyId, Timeline
from core.domain.rates import LISTENING_BY_ACCOUNT
from core.domain.sockets import Door
from core.frames.envelope import frame_of
from core.frames.stream.events import PartyChanged
from core.frames.stream.nouns import Together as TogetherFrame
from core.ports.clock import Clock
from core.ports.realtime import Audience, Publisher
from core.store.writes import Stale

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.domain.ids import AccountId, TrackId
    from core.domain.sockets import Socket
    from core.limiter import Limiter
    from core.realtime.rooms import Rooms
    from core.store.parties import PartyRepository
    from core.store.tracks import TrackRepository

_TRIES: Final = 5
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """All methods raise NotFound(`party_not_found`), and TooMany where they change something."""

    parties: PartyRepository
    rooms: Rooms
    tracks: TrackRepository
    publisher: Publisher
    limiter: Limiter
    clock: Clock

    def start(self, socket: Socket) -> Party:
        """A party of one's own, to which others come by its id."""
        self.limiter.count(LISTENING_BY_ACCOUNT, socket.account_id)
        party = Party(
            id=PartyId(new_id()),
            host_id=socket.account_id,
            timeline=Timeline(at=self.clock.now_ms()),
            seq=1,
            changed_at=self.clock.now(),
        )
        self.rooms.enter(socket, [room_of(party.id)])
        self.parties.save(party)
        return party

    def join(self, socket: Socket, party_id: PartyId) -> Party:
        """What comes after the answer is told, as the room is entered before the party is looked up.

        Raises Conflict(`rooms_too_many`).
        """
        self.limiter.count(LISTENING_BY_ACCOUNT, socket.account_id)
        self.parties.get(party_id)
        self.rooms.enter(socket, [room_of(party_id)])
        return self.parties.get(party_id)

    def leave(self, socket: Socket, party_id: PartyId) -> None:
        self.limiter.count(LISTENING_BY_ACCOUNT, socket.account_id)
        self.rooms.leave(socket, room_of(party_id))

    def news(self, socket: Socket, party_id: PartyId, seq: int) -> Party | None:
        """The party, if it is newer than that; None also if it is over."""
        self.limiter.count(LISTENING_BY_ACCOUNT, socket.account_id)
        try:
            party = self.parties.get(party_id)
        except NotFound:
            return None
        return party if party.seq > seq else None

    def listeners(self, party_id: PartyId) -> int:
        """How many sockets take part: asked with the heartbeat, so that who comes and goes is told to nobody."""
        return self.rooms.listeners(room_of(party_id))

    def lead(self, socket: Socket, party_id: PartyId, track_id: TrackId, *, playing: bool, position_ms: int) -> Party:
        """Raises NotAllowed(`host_needed`), NotFound(`track_not_found`)."""
        self.limiter.count(LISTENING_BY_ACCOUNT, socket.account_id)
        if not self.tracks.get(track_id).readable_by(socket.account_id):
            raise NotFound("There is no such track.", code="track_not_found")

        def decide(party: Party) -> Party:
            at = EpochMs(self.clock.now_ms() + LEAD_MS)
            timeline = Timeline(track_id=track_id, playing=playing, position_ms=position_ms, at=at)
            return party.led(socket.account_id, timeline, self.clock.now())

        return self._change(party_id, decide)

    def pass_on(self, socket: Socket, party_id: PartyId, to: AccountId) -> Party:
        """Raises NotAllowed(`host_needed`), NotFound(`listener_not_found`) for somebody who is not there."""
        self.limiter.count(LISTENING_BY_ACCOUNT, socket.account_id)

        def decide(party: Party) -> Party:
            there = self._is_there(party.host_id, party_id)
            passed = party.passed(socket.account_id, to, self.clock.now(), host_is_there=there)
            if not self._is_there(to, party_id):
                raise NotFound("They do not listen here.", code="listener_not_found")
            return passed

        return self._change(party_id, decide)

    def _is_there(self, account_id: AccountId, party_id: PartyId) -> bool:
        return self.rooms.holds(account_id, Door.STREAM, room_of(party_id))

    def _change(self, party_id: PartyId, decide: Callable[[Party], Party]) -> Party:
        for attempt in range(_TRIES):
            party = decide(self.parties.get(party_id))
            try:
                self.parties.save(party)
            except Stale:
                if attempt == _TRIES - 1:
                    raise
            else:
                break
        frame = frame_of(PartyChanged(party=TogetherFrame.of(party)), at=self.clock.now_ms(), seq=party.seq)
        try:
            self.publisher.publish(Audience(room=room_of(party_id)), frame)
        except Unavailable:
            _log.exception("publish_failed")
        return party


def room_of(party_id: PartyId) -> str:
    """What sockets follow, to hear what is heard."""
    return f"party:{party_id}"
