"""The use cases of hearing, built of what a function's settings name."""

from dataclasses import dataclass

from core.limiter import Limiter
from core.playback.chunks import Chunks
from core.playback.listening import Listening
from core.playback.media_urls import MediaUrls
from core.playback.tickets import Tickets
from core.playback.together import Together
from core.ports.clock import Clock
from core.ports.realtime import Publisher, Sockets
from core.ports.storage import ObjectStore
from core.realtime.rooms import Rooms
from core.store.parties import PartyRepository
from core.store.playback_sessions import PlaybackSessionRepository
from core.store.sockets import SocketRepository
from core.store.tracks import TrackRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Playback:
    """All of them, over the same repositories."""

    listening: Listening
    together: Together
    chunks: Chunks


def playback_of(
    *,
    tracks: TrackRepository,
    sessions: PlaybackSessionRepository,
    parties: PartyRepository,
    store: SocketRepository,
    media_urls: MediaUrls,
    media: ObjectStore,
    media_bucket: str,
    sockets: Sockets,
    publisher: Publisher,
    limiter: Limiter,
    clock: Clock,
) -> Playback:
    return Playback(
        listening=Listening(
            sessions=sessions,
            tickets=Tickets(tracks=tracks, media_urls=media_urls, clock=clock),
            publisher=publisher,
            limiter=limiter,
            clock=clock,
        ),
        together=Together(
            parties=parties,
            rooms=Rooms(store=store),
            tracks=tracks,
            publisher=publisher,
            limiter=limiter,
            clock=clock,
        ),
        chunks=Chunks(
            sessions=sessions,
            tracks=tracks,
            media=media,
            media_bucket=media_bucket,
            sockets=sockets,
            limiter=limiter,
            clock=clock,
        ),
    )
