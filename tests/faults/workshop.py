"""The pipeline in one process: real rows (moto), real scan and transcode, storage that dies when told to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.domain.ids import Bytes, EpochSeconds
from core.domain.tracks import StoredObject, Track
from core.domain.verdicts import ScanVerdict
from core.messages import Message, TrackScanned
from core.ports import Scanner
from core.store.health import HealthRepository
from core.store.outbox import envelope_of
from core.store.parts import PartRepository
from core.store.tracks import TrackRepository
from core.store.uploads import UploadRepository
from dev import tools
from scan.health import ScanHealth
from scan.service import Outcome as ScanOutcome
from scan.service import ScanService
from tests.builders import NOW, a_track, an_upload
from tests.fakes.clock import FakeClock
from tests.fakes.objects import FakeObjectStore
from tests.fakes.queue import FakeQueue
from transcode.completion import Completion
from transcode.encode import FfmpegEncoder
from transcode.ffmpeg import Ffmpeg
from transcode.service import Transcoder
from transcode.work import Outcome

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Killed(BaseException):
    """What SIGKILL looks like from inside a test: nothing in a worker may catch it."""


@dataclass
class BreakableStore(FakeObjectStore):
    """`before_put` hears the key of every object about to be written, and may raise."""

    before_put: Callable[[str], None] = lambda _key: None

    def __post_init__(self) -> None:
        super().__init__()

    def put(self, bucket: str, key: str, body: bytes, **headers: Any) -> None:
        self.before_put(key)
        super().put(bucket, key, body, **headers)


class BreakableTracks(TrackRepository):
    """`before_save` hears every track about to be saved, and may raise."""

    before_save: Callable[[Track], None] = staticmethod(lambda _track: None)

    def save(
        self,
        track: Track,
        *,
        events: Sequence[Message] = (),
        verdict: ScanVerdict | None = None,
        now: EpochSeconds,
    ) -> Track:
        self.before_save(track)
        return super().save(track, events=events, verdict=verdict, now=now)


@dataclass(kw_only=True)
class Workshop:
    dynamodb: "DynamoDBClient"
    tables: dict[str, str]
    scanner: Scanner
    store: BreakableStore = field(default_factory=BreakableStore)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))

    def __post_init__(self) -> None:
        self.tracks = BreakableTracks(self.tables["catalogue"], self.tables["outbox"])

    def arrived(self, filename: str, data: bytes) -> tuple[Track, StoredObject]:
        """A draft, and its announced bytes in the uploads bucket."""
        track = a_track(filename=filename, size_bytes=Bytes(len(data)))
        upload = self.tracks.create(track, an_upload(track))
        return track, self.store.add("uploads", upload.key, data)

    def scan(self, obj: StoredObject) -> ScanOutcome:
        service = ScanService(
            tracks=self.tracks,
            uploads=UploadRepository(self.tables["catalogue"]),
            store=self.store,
            scanner=self.scanner,
            health=ScanHealth(repository=HealthRepository(self.tables["operations"]), clock=self.clock),
            clock=self.clock,
            uploads_bucket="uploads",
            originals_bucket="originals",
            quarantine_bucket="quarantine",
        )
        return service.scan_object(obj.bucket, obj.key, obj.version_id)

    def scanned(self, filename: str, data: bytes) -> Track:
        """Found clean, and ordered to be transcoded."""
        track, obj = self.arrived(filename, data)
        assert self.scan(obj) is ScanOutcome.PROMOTED
        return track

    def transcode(self, track: Track, engine: Ffmpeg | None = None, *, last_try: bool = False) -> Outcome:
        transcoder = Transcoder(
            tracks=self.tracks,
            encoder=FfmpegEncoder(engine or Ffmpeg(str(tools.ffmpeg())), self.store),
            completion=Completion(
                store=self.store,
                parts=PartRepository(self.tables["catalogue"]),
                parts_queue=FakeQueue(),
                media_bucket="media",
            ),
            clock=self.clock,
        )
        attempt = self.now(track).attempt
        message = TrackScanned(track_id=track.id, owner_id=track.owner_id, attempt=attempt)
        return transcoder.transcode_track(message, last_try=last_try)

    def now(self, track: Track) -> Track:
        return self.tracks.get(track.id)

    def events(self, track: Track) -> list[str]:
        """Types of the events about the track, oldest first."""
        rows = self.dynamodb.scan(TableName=self.tables["outbox"])["Items"]
        found = [envelope_of(row) for row in rows]
        return [e.type for e in sorted(found, key=lambda e: e.id) if e.data["track_id"] == track.id]

    def keys(self, bucket: str) -> list[str]:
        return list(self.store.list_keys(bucket, ""))

    def media_of(self, track: Track) -> dict[str, bytes]:
        """What lies in the media bucket for a track: the newest bytes of every key, by name below its folder."""
        keys = self.store.list_keys("media", f"{track.id}/")
        return {key.removeprefix(f"{track.id}/"): self.store.newest("media", key).body for key in keys}
