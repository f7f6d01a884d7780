"""The media itself over the socket, for who can't fetch: segments in frames that fit, no faster than needed."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from core.domain.errors import Conflict, NotFound, ObjectGone, TooMany
from core.domain.ids import Bytes
from core.domain.playback import INIT, segment_file
from core.domain.rates import CHUNKS_BY_ACCOUNT, Allowance
from core.domain.tracks import TrackState
from core.frames.envelope import frame_of
from core.frames.stream.events import Chunk
from core.frames.stream.requests import ChunksSend
from core.ports.clock import Clock
from core.ports.realtime import Delivered, Sockets
from core.ports.storage import ObjectStore

if TYPE_CHECKING:
    from core.domain.media import MediaResult
    from core.domain.sockets import Socket
    from core.domain.tracks import StoredObject, Track
    from core.limiter import Limiter
    from core.store.playback_sessions import PlaybackSessionRepository
    from core.store.tracks import TrackRepository

CHUNK_BYTES: Final = 24_000
"""Of the segment; as base64 they are 32,000, and what is around them fits into 32 KiB as well."""
AHEAD_MAX_S: Final = 60
"""A player needs no more in store, whatever it asks for."""
SEGMENT_S: Final = 6


class Next(NamedTuple):
    segment: int
    offset: int
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunks:
    sessions: PlaybackSessionRepository
    tracks: TrackRepository
    media: ObjectStore
    media_bucket: str
    sockets: Sockets
    limiter: Limiter
    clock: Clock

    def send(self, socket: Socket, asked: ChunksSend) -> Next:
        """Sends what is asked of the track that is loaded, in order, within one segment; where to go on.

        Raises Conflict (`playing_elsewhere`, `nothing_loaded`, `not_playable_yet`), NotFound (`track_not_found`,
        `rung_not_found`, `segment_not_found`), TooMany (`rate_limited`, `too_far_ahead`).
        """
        self.limiter.count(CHUNKS_BY_ACCOUNT, socket.account_id)
        track, media = self._loaded(socket, asked)
        file = INIT if asked.segment == 0 else segment_file(asked.segment)
        try:
            found = self._object(track, media, f"{asked.rung}/{file}")
        except ObjectGone:
            return self._beyond(track, asked)
        obj, size = found
        body = self.media.read_range(obj, asked.offset, min(size, asked.offset + CHUNK_BYTES * asked.count))
        offset = asked.offset
        for start in range(0, len(body), CHUNK_BYTES):
            part = body[start : start + CHUNK_BYTES]
            if self.sockets.post(socket.id, self._frame(track, asked, offset, size, part)) is not Delivered.YES:
                break  # the client asks again from where it was told to go on
            offset += len(part)
        return Next(asked.segment, offset, ended=False) if offset < size else Next(asked.segment + 1, 0, ended=False)

    def _loaded(self, socket: Socket, asked: ChunksSend) -> tuple[Track, MediaResult]:
        session = self.sessions.get(socket.account_id)
        session.must_be_on(socket.id)
        if session.track_id is None:
            raise Conflict("Nothing is loaded.", code="nothing_loaded")
        ahead_s = _starts_s(asked.segment) - session.position(self.clock.now_ms()) / 1000
        if ahead_s > AHEAD_MAX_S:
            left = Allowance(limit=1, remaining=0, resets_in_s=int(ahead_s - AHEAD_MAX_S) + 1)
            raise TooMany("That is far ahead of what you hear.", left, code="too_far_ahead")
        track = self.tracks.get(session.track_id)
        if not track.readable_by(socket.account_id):
            raise NotFound("There is no such track.", code="track_not_found")
        if track.media is None:
            raise Conflict("The track can't be played yet.", code="not_playable_yet")
        if asked.rung not in {rendition.name for rendition in track.media.renditions}:
            raise NotFound("The track has no such rendition.", code="rung_not_found")
        return track, track.media

    def _object(self, track: Track, media: MediaResult, file: str) -> tuple[StoredObject, Bytes]:
        info = self.media.head(self.media_bucket, f"{track.id}/{media.content_id}/{file}")
        return info.object, info.size_bytes

    def _beyond(self, track: Track, asked: ChunksSend) -> Next:
        """Behind the last segment, or behind the last one that is made already."""
        if track.state is not TrackState.READY:
            raise NotFound("This segment is not made yet.", code="segment_not_found")
        return Next(asked.segment, 0, ended=True)

    def _frame(self, track: Track, asked: ChunksSend, offset: int, size: int, part: bytes) -> str:
        chunk = Chunk(
            track_id=track.id,
            rung=asked.rung,
            segment=asked.segment,
            offset=offset,
            size=size,
            bytes=base64.b64encode(part).decode(),
        )
        return frame_of(chunk, at=self.clock.now_ms())


def _starts_s(segment: int) -> int:
    """About when a segment begins: the first three are shorter, six seconds together."""
    return max(0, segment - 3) * SEGMENT_S
