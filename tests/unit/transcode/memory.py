"""A track repository and a media bucket in memory, as far as the transcoder uses them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from core.domain.errors import Conflict, NotFound
from core.domain.ids import EpochSeconds, TrackId
from core.domain.media import MediaResult
from core.domain.tracks import Progress, Track
from core.messages import Message
from tests.builders import a_media_result
from transcode.encode import Original
from transcode.folder import MediaFolder


@dataclass
class TracksInMemory:
    """One track with its optimistic lock; remembers the events of the saves that went through."""

    track: Track | None
    events: list[Message] = field(default_factory=list)
    reports: list[Progress] = field(default_factory=list)
    before_save: Callable[[], None] = lambda: None

    def get(self, track_id: TrackId) -> Track:
        if self.track is None or self.track.id != track_id:
            raise NotFound("There is no such track.", code="track_not_found")
        return self.track

    def save(self, track: Track, *, events: Sequence[Message] = (), now: EpochSeconds) -> Track:
        self.before_save()
        if self.get(track.id).revision != track.revision:
            raise Conflict("The track was changed meanwhile.", code="stale_track")
        self.track = replace(track, revision=track.revision + 1)
        self.events.extend(events)
        return self.track

    def set_progress(self, track_id: TrackId, *, attempt: int, progress: Progress) -> None:
        assert (track_id, attempt) == (self.get(track_id).id, self.get(track_id).attempt)
        self.reports.append(progress)

    def change(self, **changes: object) -> None:
        """What the owner does meanwhile."""
        assert self.track is not None
        self.track = replace(self.track, revision=self.track.revision + 1, **changes)  # type: ignore[arg-type]

    @property
    def now_is(self) -> Track:
        assert self.track is not None
        return self.track


@dataclass
class ScriptedEncoder:
    """Stores one segment, does what the test wants to happen meanwhile, and is done."""

    meanwhile: Callable[[Callable[[float], None]], None] = lambda _progress: None
    encoded: list[Original] = field(default_factory=list)

    def encode(self, original: Original, folder: MediaFolder, progress: Callable[[float], None]) -> MediaResult:
        self.encoded.append(original)
        folder.put("aac-64/00001.m4s", b"segment")
        self.meanwhile(progress)
        return replace(a_media_result(), content_id=folder.content_id)
