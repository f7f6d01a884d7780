"""A track repository and a media bucket in memory, as far as the transcoder uses them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.domain.claims import Claim
from core.domain.errors import Conflict, NotFound
from core.domain.ids import Bytes, EpochSeconds, Samples, TrackId
from core.domain.media import Loudness, Rendition, SourceFacts, Tags
from core.domain.parts import Measured, PartResult, PartsKey, RungPart
from core.domain.tracks import Progress, Track
from core.messages.message import Message
from transcode.encode import Original, Playable
from transcode.folder import MediaFolder
from transcode.ladder import Rung, segment_sizes, whole_chunks
from transcode.plan import HEAD, Part

PRIMING = Samples(1024)


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
class PartsInMemory:
    """Parts with their leases."""

    results: dict[tuple[PartsKey, int], PartResult] = field(default_factory=dict)
    leases: dict[tuple[PartsKey, int], int] = field(default_factory=dict)

    def claim(self, key: PartsKey, number: int, *, now: EpochSeconds, lease_s: int) -> Claim:
        if (key, number) in self.results:
            return Claim.DONE
        if self.leases.get((key, number), 0) > now:
            return Claim.BUSY
        self.leases[key, number] = now + lease_s
        return Claim.WON

    def release(self, key: PartsKey, number: int, *, now: EpochSeconds) -> None:
        self.leases[key, number] = now

    def finish(self, key: PartsKey, number: int, result: PartResult, *, now: EpochSeconds) -> None:
        self.results[key, number] = result

    def done(self, key: PartsKey) -> Mapping[int, PartResult]:
        return {number: result for (whose, number), result in self.results.items() if whose == key}


@dataclass
class ScriptedEncoder:
    """Stores one segment, does what the test wants meanwhile, and is done. The head can be heard before that if it is
    `early`, else at its end."""

    meanwhile: Callable[[Callable[[float], None]], None] = lambda _progress: None
    early: bool = False
    encoded: list[Original] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def encode(
        self,
        original: Original,
        part: Part,
        folder: MediaFolder,
        progress: Callable[[float], None],
        on_playable: Playable | None,
    ) -> PartResult:
        self.encoded.append(original)
        self.numbers.append(part.number)
        if part.number == HEAD:
            folder.put("aac-64/00001.m4s", b"segment")
        if self.early and on_playable is not None:
            on_playable((a_rendition(),), PRIMING)
        self.meanwhile(progress)
        if not self.early and on_playable is not None:
            on_playable((a_rendition(),), PRIMING)
        return result_of(part, original.source)


def a_rendition() -> Rendition:
    return Rendition(
        name="aac-64", codec="mp4a.40.2", bandwidth=70_400, average_bandwidth=64_000, sample_rate=44_100, channels=2
    )


def result_of(part: Part, source: SourceFacts) -> PartResult:
    """What ffmpeg would make of a part, by the grid: every segment of 1,000 bytes."""
    measured = Measured(
        samples=Samples(source.samples or 0),
        loudness=Loudness(integrated_lufs=-14.0, true_peak_db=-1.0, gain_db=0.0),
        tags=Tags(),
        fingerprint=None,
        has_cover=False,
        download_bytes=Bytes(1000),
    )
    rungs = tuple(_rung_part(rung, part, source) for rung in part.rungs)
    return PartResult(rungs=rungs, measured=measured if part.measures else None)


def _rung_part(rung: Rung, part: Part, source: SourceFacts) -> RungPart:
    priming = PRIMING if rung.bitrate else Samples(0)
    chunks, chunk = whole_chunks(source.samples or 0, source.sample_rate), rung.chunk_frames * rung.frame_samples
    length = (source.samples or 0) * rung.sample_rate // source.sample_rate + priming
    at, end, segments = part.first_chunk, part.end_chunk or chunks, []
    for size in segment_sizes(part.first_segment):
        count = min(size, end - at)
        segments.append((1000, length - at * chunk if at + count == chunks else count * chunk))
        at += count
        if at == end:
            break
    return RungPart(
        name=rung.name, codec="mp4a.40.2", timescale=rung.sample_rate, priming=priming, segments=tuple(segments)
    )
