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
from core.frames.envelope import Data, Hello
from core.frames.stream import ANSWERS, answers, nouns, requests
from ws.hello import hello_facts

if TYPE_CHECKING:
    from core.playback.chunks import Chunks
    from core.playback.listening import Listening
    from core.playback.tickets import Ticket
    from core.playback.together import Together
    from core.ports.clock import Clock

KINDS: Final[Mapping[str, type[Data]]] = {kind.type: kind for kind in ANSWERS}


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
        if isinstance(asked, requests.ClockSync):
            return self._clock(asked, came_at)
        return self._deeds[type(asked)](socket, asked)

    @property
    def _deeds(self) -> Mapping[type[Data], Callable[[Socket, Any], Data]]:
        return {
            Hello: self._hello,
            requests.Ping: self._ping,
            requests.SessionLoad: self._load,
            requests.SessionTake: self._take,
            requests.SessionPlay: self._play,
            requests.SessionPause: self._pause,
            requests.SessionSeek: self._seek,
            requests.SessionStop: self._stop,
            requests.SessionReport: self._report,
            requests.MediaRenew: self._renew,
            requests.PartyStart: self._start,
            requests.PartyJoin: self._join,
            requests.PartyLeave: self._leave,
            requests.PartyLead: self._lead,
            requests.PartyPass: self._pass,
            requests.ChunksSend: self._chunks,
        }

    def _hello(self, socket: Socket, _: Hello) -> Data:
        """Loads what the address names; said again, only if another device took over meanwhile."""
        session, media = self.listening.session(socket.account_id), None
        if "track_id" in socket.address and session.device != socket.id:
            wish = _wish(socket.address)
            session, ticket = self.listening.load(socket, TrackId(wish.track_id), wish.position_ms)
            media = _media(ticket)
        here = device_id(socket.id)
        return answers.HelloOk(**hello_facts(socket), device_id=here, session=nouns.Session.of(session), media=media)

    def _ping(self, socket: Socket, asked: requests.Ping) -> Data:
        if asked.party is None:
            return answers.PingOk()
        party_id = PartyId(asked.party.party_id)
        party = self.together.news(socket, party_id, asked.party.seq)
        listeners = self.together.listeners(party_id)
        return answers.PingOk(party=None if party is None else nouns.Together.of(party), listeners=listeners)

    def _clock(self, asked: requests.ClockSync, came_at: EpochMs) -> Data:
        measured = None
        if asked.previous is not None:
            it = asked.previous
            sample = Sample(t0=it.t0, t1=it.t1, t2=it.t2, t3=it.t3).check()
            measured = nouns.Measured(offset_ms=sample.offset_ms, round_trip_ms=sample.round_trip_ms)
        return answers.ClockSyncOk(t0=asked.t0, t1=came_at, t2=self.clock.now_ms(), measured=measured)

    def _load(self, socket: Socket, asked: requests.SessionLoad) -> Data:
        session, ticket = self.listening.load(socket, TrackId(asked.track_id), asked.position_ms)
        return answers.SessionLoadOk(session=nouns.Session.of(session), media=_media(ticket))

    def _take(self, socket: Socket, _: requests.SessionTake) -> Data:
        session, ticket = self.listening.take(socket)
        return answers.SessionTakeOk(session=nouns.Session.of(session), media=_media(ticket))

    def _play(self, socket: Socket, asked: requests.SessionPlay) -> Data:
        return answers.SessionPlayOk(session=nouns.Session.of(self.listening.play(socket, asked.position_ms)))

    def _pause(self, socket: Socket, asked: requests.SessionPause) -> Data:
        return answers.SessionPauseOk(session=nouns.Session.of(self.listening.pause(socket, asked.position_ms)))

    def _seek(self, socket: Socket, asked: requests.SessionSeek) -> Data:
        return answers.SessionSeekOk(session=nouns.Session.of(self.listening.seek(socket, asked.position_ms)))

    def _stop(self, socket: Socket, _: requests.SessionStop) -> Data:
        return answers.SessionStopOk(session=nouns.Session.of(self.listening.stop(socket)))

    def _report(self, socket: Socket, asked: requests.SessionReport) -> Data:
        report = Report(
            fetched=tuple((it.bytes, it.took_ms) for it in asked.fetched),
            buffer_ms=asked.buffer_ms,
            bps=asked.bps,
        )
        done = self.listening.report(socket, asked.position_ms, report)
        return answers.SessionReportOk(
            counted=done.session.counted,
            advice=nouns.Advice(bps=done.advice.rung_bps, reason=done.advice.reason),
            media=None if done.ticket is None else _media(done.ticket),
        )

    def _renew(self, socket: Socket, _: requests.MediaRenew) -> Data:
        return answers.MediaRenewOk(media=_media(self.listening.renew(socket)))

    def _start(self, socket: Socket, _: requests.PartyStart) -> Data:
        return answers.PartyStartOk(party=nouns.Together.of(self.together.start(socket)))

    def _join(self, socket: Socket, asked: requests.PartyJoin) -> Data:
        return answers.PartyJoinOk(party=nouns.Together.of(self.together.join(socket, PartyId(asked.party_id))))

    def _leave(self, socket: Socket, asked: requests.PartyLeave) -> Data:
        self.together.leave(socket, PartyId(asked.party_id))
        return answers.PartyLeaveOk()

    def _lead(self, socket: Socket, asked: requests.PartyLead) -> Data:
        party = self.together.lead(
            socket,
            PartyId(asked.party_id),
            TrackId(asked.track_id),
            playing=asked.playing,
            position_ms=asked.position_ms,
        )
        return answers.PartyLeadOk(party=nouns.Together.of(party))

    def _pass(self, socket: Socket, asked: requests.PartyPass) -> Data:
        party = self.together.pass_on(socket, PartyId(asked.party_id), AccountId(asked.account_id))
        return answers.PartyPassOk(party=nouns.Together.of(party))

    def _chunks(self, socket: Socket, asked: requests.ChunksSend) -> Data:
        return answers.ChunksSendOk.model_validate(self.chunks.send(socket, asked)._asdict())


def _wish(address: Mapping[str, str]) -> requests.SessionLoad:
    """Raises InvalidInput(`address_invalid`)."""
    try:
        position_ms = int(address.get("position", "0"))
        return requests.SessionLoad(track_id=address["track_id"], position_ms=position_ms)
    except (ValidationError, ValueError) as error:
        raise InvalidInput("The address takes track_id and position, in ms.", code="address_invalid") from error


def _media(ticket: Ticket) -> nouns.Media:
    media = ticket.media
    return nouns.Media(
        hls_url=ticket.hls_url,
        renew_at=ticket.renew_at * 1000,
        expires_at=ticket.expires_at * 1000,
        duration_ms=media.duration_ms,
        gain_db=0.0 if media.loudness is None else media.loudness.gain_db,
        encoder_delay=media.encoder_delay,
        samples=media.samples,
        rungs=[nouns.Rung(name=it.name, bps=it.bandwidth) for it in media.renditions],
    )
