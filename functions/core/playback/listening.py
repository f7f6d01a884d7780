"""The session of whoever listens: what is heard, where, on which device, and what comes of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from core.domain.errors import Conflict, Unavailable
from core.domain.limits import PLAY_URL_S
from core.domain.playback_sessions import PlaybackSession, PlaybackState
from core.domain.quality import Advice, Report, advise
from core.domain.rates import LISTENING_BY_ACCOUNT
from core.frames.envelope import frame_of
from core.frames.stream.events import SessionChanged
from core.frames.stream.nouns import Session
from core.ports.clock import Clock
from core.ports.realtime import Audience, Publisher
from core.store.writes import Stale

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.domain.ids import AccountId, EpochSeconds, TrackId
    from core.domain.sockets import Socket
    from core.limiter import Limiter
    from core.playback.tickets import Ticket, Tickets
    from core.store.playback_sessions import PlaybackSessionRepository

_TRIES: Final = 5
_log = logging.getLogger(__name__)


class Loaded(NamedTuple):
    session: PlaybackSession
    ticket: Ticket


class Reported(NamedTuple):
    session: PlaybackSession
    advice: Advice
    ticket: Ticket | None
    """Another one, if it was time for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """What changes the session raises TooMany(`rate_limited`), Conflict (`playing_elsewhere`, `nothing_loaded`) and
    InvalidInput(`position_invalid`), besides what each method says; what needs the media, as `Tickets.ticket`."""

    sessions: PlaybackSessionRepository
    tickets: Tickets
    publisher: Publisher
    limiter: Limiter
    clock: Clock

    def session(self, account_id: AccountId) -> PlaybackSession:
        return self.sessions.get(account_id)

    def load(self, socket: Socket, track_id: TrackId, position_ms: int) -> Loaded:
        """Another track, on this device."""
        account_id = socket.account_id
        self.limiter.count(LISTENING_BY_ACCOUNT, account_id)
        ticket = self.tickets.ticket(track_id, account_id)

        def decide(session: PlaybackSession) -> PlaybackSession:
            loaded = session.loaded(
                socket.id,
                track_id,
                ticket.media.duration_ms,
                position_ms=position_ms,
                counts=ticket.owner_id != account_id,
                now=self.clock.now_ms(),
            )
            return replace(loaded, media_until=ticket.expires_at)

        # What was heard of the track before counts, whatever comes after it.
        self._change(account_id, self._with_its_play)
        return Loaded(self._told(self._change(account_id, decide)), ticket)

    def take(self, socket: Socket) -> Loaded:
        """The same track goes on here."""
        self.limiter.count(LISTENING_BY_ACCOUNT, socket.account_id)
        issued: list[Ticket] = []

        def decide(session: PlaybackSession) -> PlaybackSession:
            ticket = self._ticket(session)
            issued[:] = [ticket]
            return replace(session.taken(socket.id, self.clock.now_ms()), media_until=ticket.expires_at)

        return Loaded(self._told(self._change(socket.account_id, decide)), issued[0])

    def play(self, socket: Socket, position_ms: int) -> PlaybackSession:
        return self._move(socket, lambda it: it.moved(PlaybackState.PLAYING, position_ms, self.clock.now_ms()))

    def pause(self, socket: Socket, position_ms: int) -> PlaybackSession:
        return self._move(socket, lambda it: it.moved(PlaybackState.PAUSED, position_ms, self.clock.now_ms()))

    def seek(self, socket: Socket, position_ms: int) -> PlaybackSession:
        return self._move(socket, lambda it: it.moved(it.state, position_ms, self.clock.now_ms()))

    def stop(self, socket: Socket) -> PlaybackSession:
        """Nothing is loaded any more."""
        self._change(socket.account_id, self._with_its_play)
        return self._move(socket, lambda it: it.stopped(self.clock.now_ms()))

    def report(self, socket: Socket, position_ms: int, report: Report) -> Reported:
        """Where the player really is; what it should fetch next, and from where."""
        self.limiter.count(LISTENING_BY_ACCOUNT, socket.account_id)
        answer: list[tuple[Advice, Ticket | None]] = []

        def decide(session: PlaybackSession) -> PlaybackSession:
            session.must_be_on(socket.id)
            ticket = self._ticket(session)
            renewed = session.media_until - self.clock.now() <= PLAY_URL_S - ticket.renew_after_s
            rungs = tuple(sorted(it.bandwidth for it in ticket.media.renditions))
            advice, bandwidth = advise(rungs, session.bandwidth, report)
            answer[:] = [(advice, ticket if renewed else None)]
            reported = session.reported(position_ms, self.clock.now_ms())
            until: EpochSeconds = ticket.expires_at if renewed else session.media_until
            return replace(reported, bandwidth=bandwidth, media_until=until)

        return Reported(self._change(socket.account_id, decide), *answer[0])

    def renew(self, socket: Socket) -> Ticket:
        """Another address of the same media. What is private by now has none any more."""
        self.limiter.count(LISTENING_BY_ACCOUNT, socket.account_id)
        issued: list[Ticket] = []

        def decide(session: PlaybackSession) -> PlaybackSession:
            session.must_be_on(socket.id)
            ticket = self._ticket(session)
            issued[:] = [ticket]
            return replace(session, media_until=ticket.expires_at)

        self._change(socket.account_id, decide)
        return issued[0]

    def left(self, socket: Socket) -> None:
        """The device is gone."""
        if self.sessions.get(socket.account_id).device != socket.id:
            return
        now = self.clock.now_ms()
        changed = self._change(socket.account_id, lambda it: it.left(now) if it.device == socket.id else it)
        self._told(changed)

    def _with_its_play(self, session: PlaybackSession) -> PlaybackSession:
        """Only if what was heard until now makes one."""
        heard = session.heard_until(self.clock.now_ms())
        return heard if heard.is_a_play else session

    def _ticket(self, session: PlaybackSession) -> Ticket:
        if session.track_id is None:
            raise Conflict("Nothing is loaded.", code="nothing_loaded")
        return self.tickets.ticket(session.track_id, session.account_id)

    def _move(self, socket: Socket, move: Callable[[PlaybackSession], PlaybackSession]) -> PlaybackSession:
        self.limiter.count(LISTENING_BY_ACCOUNT, socket.account_id)

        def decide(session: PlaybackSession) -> PlaybackSession:
            session.must_be_on(socket.id)
            return move(session)

        return self._told(self._change(socket.account_id, decide))

    def _change(self, account_id: AccountId, decide: Callable[[PlaybackSession], PlaybackSession]) -> PlaybackSession:
        """Decided anew, from what is there by then, each time another device was faster."""
        for attempt in range(_TRIES):
            session = self.sessions.get(account_id)
            changed = decide(session)
            if changed == session:
                return session
            try:
                return self.sessions.save(changed, self.clock.now())
            except Stale:
                if attempt == _TRIES - 1:
                    raise
        raise AssertionError  # the last try returns or raises

    def _told(self, session: PlaybackSession) -> PlaybackSession:
        """Every device of the account hears of it; itself."""
        frame = frame_of(SessionChanged(session=Session.of(session)), at=self.clock.now_ms())
        try:
            self.publisher.publish(Audience(accounts=(session.account_id,)), frame)
        except Unavailable:
            _log.exception("publish_failed")
        return session
