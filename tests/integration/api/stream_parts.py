"""What the stream socket is made of in a test: the gateway and the queues are those of chat."""

from dataclasses import dataclass

from core.domain.sockets import Door
from core.limiter import Limiter
from core.playback.media_urls import MediaUrls
from core.playback.wiring import Playback, playback_of
from core.ports.clock import Clock
from core.realtime.publisher import SocketPublisher
from core.store.access import AccessRepository
from core.store.parties import PartyRepository
from core.store.playback_sessions import PlaybackSessionRepository
from core.store.plays import Plays
from core.store.tracks import TrackRepository
from tests.fakes.objects import FakeObjectStore
from tests.integration.api.chat_parts import ChatParts
from ws.desk import Desk
from ws.doorkeeper import Doorkeeper
from ws.stream.service import KINDS, StreamService

MEDIA_URL = "https://media.example/"


@dataclass(kw_only=True)
class StreamParts:
    tables: dict[str, str]
    clock: Clock
    storage: FakeObjectStore
    chat: ChatParts
    media_bucket: str

    @property
    def plays(self) -> Plays:
        return Plays(self.tables["counters"])

    @property
    def sessions(self) -> PlaybackSessionRepository:
        return PlaybackSessionRepository(self.tables["realtime"], self.tables["counters"], self.tables["outbox"])

    def playback(self, limiter: Limiter) -> Playback:
        publisher = SocketPublisher(
            door=Door.STREAM, store=self.chat.sockets, courier=self.chat.courier, deliveries=self.chat.deliveries
        )
        return playback_of(
            tracks=TrackRepository(self.tables["catalogue"], self.tables["outbox"]),
            sessions=self.sessions,
            parties=PartyRepository(self.tables["realtime"]),
            store=self.chat.sockets,
            media_urls=MediaUrls(base_url=MEDIA_URL, key=lambda: b"media key"),
            media=self.storage,
            media_bucket=self.media_bucket,
            sockets=self.chat.gateway,
            publisher=publisher,
            limiter=limiter,
            clock=self.clock,
        )

    def desk(self, limiter: Limiter) -> Desk:
        playback = self.playback(limiter)
        service = StreamService(
            listening=playback.listening, together=playback.together, chunks=playback.chunks, clock=self.clock
        )
        doorkeeper = Doorkeeper(
            door=Door.STREAM,
            store=self.chat.sockets,
            access=AccessRepository(self.tables["accounts"]),
            sockets=self.chat.gateway,
            silence_checks=self.chat.silence_checks,
            went=service.went,
            clock=self.clock,
        )
        return Desk(doorkeeper=doorkeeper, service=service, kinds=KINDS, clock=self.clock)
