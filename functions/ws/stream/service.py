"""Every frame of the stream socket, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from core.domain.clock_sync import Sample
from core.domain.errors import InvalidInput
from core.domain.ids import AccountId, EpochMs, TrackId
from core.domain.parties import PartyId
from core.domain.quality import Report
from core.domain.sockets import Socket, device_id
from core.frames import stream
from core.frames.envelope import Data, Hello
from ws.hello import hello_facts

if TYPE_CHECKING:
    from core.playback.chunks import Chunks
    from core.playback.listening import Listening
    from core.playback.tickets import Ticket
    from core.playback.together import Together
    from core.ports import Clock

KINDS: Final[Mapping[str, type[Data]]] = {kind.type: kind for kind in stream.ANSWERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamService:
    """Raises the domain's refusals, which `answering` turns into frames."""

    listening: Listening
    together: Together
    chunks: Chunks
    clock: Clock

    def came(self, socket: Socket) -> None:
        """Nobody is told: what the address asks for is done at the first frame, which can be answered."""

    def went(self, socket: Socket) -> None:
        self.listening.left(socket)

    def do(self, socket: Socket, asked: Data, came_at: EpochMs) -> Data:
        if isinstance(asked, stream.ClockSync):
            return self._clock(asked, came_at)
        return self._deeds[type(asked)](socket, asked)

    @property
    def _deeds(self) -> Mapping[type[Data], Callable[[Socket, Any], Data]]:
        return {
            Hello: self._hello,
            stream.Ping: self._ping,
            stream.SessionLoad: self._load,
            stream.SessionTake: self._take,
            stream.SessionPlay: self._play,
            stream.SessionPause: self._pause,
            stream.SessionSeek: self._seek,
            stream.SessionStop: self._stop,
            stream.SessionReport: self._report,
            stream.MediaRenew: self._renew,
            stream.PartyStart: self._start,
            stream.PartyJoin: self._join,
            stream.PartyLeave: self._leave,
            stream.PartyLead: self._lead,
            stream.PartyPass: self._pass,
            stream.ChunksSend: self._chunks,
        }

    def _hello(self, socket: Socket, _: Hello) -> Data:
        """Loads what the address names, once."""
        session, media = self.listening.session(socket.account_id), None
        if "track_id" in socket.address and session.device != socket.id:
            wish = _wish(socket.address)
            session, ticket = self.listening.load(socket, TrackId(wish.track_id), wish.position_ms)
            media = _media(ticket)
        here = device_id(socket.id)
        return stream.HelloOk(**hello_facts(socket), device_id=here, session=stream.Session.of(session), media=media)

    def _ping(self, _: Socket, asked: stream.Ping) -> Data:
        if asked.party is None:
            return stream.PingOk()
        party_id = PartyId(asked.party.party_id)
        party = self.together.news(party_id, asked.party.seq)
        listeners = self.together.listeners(party_id)
        return stream.PingOk(party=None if party is None else stream.Together.of(party), listeners=listeners)

    def _clock(self, asked: stream.ClockSync, came_at: EpochMs) -> Data:
        measured = None
        if asked.previous is not None:
            it = asked.previous
            sample = Sample(t0=it.t0, t1=it.t1, t2=it.t2, t3=it.t3).check()
            measured = stream.Measured(offset_ms=sample.offset_ms, round_trip_ms=sample.round_trip_ms)
        return stream.ClockSyncOk(t0=asked.t0, t1=came_at, t2=self.clock.now_ms(), measured=measured)

    def _load(self, socket: Socket, asked: stream.SessionLoad) -> Data:
        session, ticket = self.listening.load(socket, TrackId(asked.track_id), asked.position_ms)
        return stream.SessionLoadOk(session=stream.Session.of(session), media=_media(ticket))

    def _take(self, socket: Socket, _: stream.SessionTake) -> Data:
        session, ticket = self.listening.take(socket)
        return stream.SessionTakeOk(session=stream.Session.of(session), media=_media(ticket))

    def _play(self, socket: Socket, asked: stream.SessionPlay) -> Data:
        return stream.SessionPlayOk(session=stream.Session.of(self.listening.play(socket, asked.position_ms)))

    def _pause(self, socket: Socket, asked: stream.SessionPause) -> Data:
        return stream.SessionPauseOk(session=stream.Session.of(self.listening.pause(socket, asked.position_ms)))

    def _seek(self, socket: Socket, asked: stream.SessionSeek) -> Data:
        return stream.SessionSeekOk(session=stream.Session.of(self.listening.seek(socket, asked.position_ms)))

    def _stop(self, socket: Socket, _: stream.SessionStop) -> Data:
        return stream.SessionStopOk(session=stream.Session.of(self.listening.stop(socket)))

    def _report(self, socket: Socket, asked: stream.SessionReport) -> Data:
        report = Report(
            fetched=tuple((it.bytes, it.took_ms) for it in asked.fetched),
            buffer_ms=asked.buffer_ms,
            bps=asked.bps,
        )
        done = self.listening.report(socket, asked.position_ms, report)
        return stream.SessionReportOk(
            counted=done.session.counted,
            advice=stream.Advice(bps=done.advice.rung_bps, reason=done.advice.reason),
            media=None if done.ticket is None else _media(done.ticket),
        )

    def _renew(self, socket: Socket, _: stream.MediaRenew) -> Data:
        return stream.MediaRenewOk(media=_media(self.listening.renew(socket)))

    def _start(self, socket: Socket, _: stream.PartyStart) -> Data:
        return stream.PartyStartOk(party=stream.Together.of(self.together.start(socket)))

    def _join(self, socket: Socket, asked: stream.PartyJoin) -> Data:
        return stream.PartyJoinOk(party=stream.Together.of(self.together.join(socket, PartyId(asked.party_id))))

    def _leave(self, socket: Socket, asked: stream.PartyLeave) -> Data:
        self.together.leave(socket, PartyId(asked.party_id))
        return stream.PartyLeaveOk()

    def _lead(self, socket: Socket, asked: stream.PartyLead) -> Data:
        party = self.together.lead(
            socket,
            PartyId(asked.party_id),
            TrackId(asked.track_id),
            playing=asked.playing,
            position_ms=asked.position_ms,
        )
        return stream.PartyLeadOk(party=stream.Together.of(party))

    def _pass(self, socket: Socket, asked: stream.PartyPass) -> Data:
        party = self.together.pass_on(socket, PartyId(asked.party_id), AccountId(asked.account_id))
        return stream.PartyPassOk(party=stream.Together.of(party))

    def _chunks(self, socket: Socket, asked: stream.ChunksSend) -> Data:
        return stream.ChunksSendOk.model_validate(self.chunks.send(socket, asked)._asdict())


def _wish(address: Mapping[str, str]) -> stream.SessionLoad:
    """Raises InvalidInput(`address_invalid`)."""
    try:
        position_ms = int(address.get("position", "0"))
        return stream.SessionLoad(track_id=address["track_id"], position_ms=position_ms)
    except (ValidationError, ValueError) as error:
        raise InvalidInput("The address takes track_id and position, in ms.", code="address_invalid") from error


def _media(ticket: Ticket) -> stream.Media:
    media = ticket.media
    return stream.Media(
        hls_url=ticket.hls_url,
        renew_at=ticket.renew_at * 1000,
        expires_at=ticket.expires_at * 1000,
        duration_ms=media.duration_ms,
        gain_db=0.0 if media.loudness is None else media.loudness.gain_db,
        encoder_delay=media.encoder_delay,
        samples=media.samples,
        rungs=[stream.Rung(name=it.name, bps=it.bandwidth) for it in media.renditions],
    )
