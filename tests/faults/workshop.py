"""The pipeline in one process: real rows (moto), real scan and transcode, storage that dies when told to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.domain.ids import Bytes, EpochSeconds
from core.domain.tracks import StoredObject, Track
from core.domain.verdicts import ScanVerdict
from core.messages.envelope import Envelope
from core.messages.message import Message
from core.messages.tracks import TrackScanned
from core.messages.work import PartRequest
from core.ports.scanner import Scanner
from core.store.health import HealthRepository
from core.store.outbox import envelope_of
from core.store.parts import PartRepository
from core.store.tracks import TrackRepository
from core.store.uploads import UploadRepository
from dev import tools
from scan.examination import Examiner
from scan.health import ScanHealth
from scan.recheck import RecheckService
from scan.service import Outcome as ScanOutcome
from scan.service import ScanService
from tests.builders import NOW, a_track, an_upload
from tests.fakes.clock import FakeClock
from tests.fakes.objects import FakeObjectStore
from tests.fakes.queue import FakeQueue
from tests.faults.steps import Steps
from transcode.completion import Completion
from transcode.encode import FfmpegEncoder
from transcode.ffmpeg import Ffmpeg
from transcode.parts import PartEncoder
from transcode.service import Encoder, Transcoder
from transcode.work import Outcome

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


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
    """Workers are built anew for every message, on ports that `steps` watches."""

    dynamodb: "DynamoDBClient"
    tables: dict[str, str]
    scanner: Scanner
    store: BreakableStore = field(default_factory=BreakableStore)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    steps: Steps = field(default_factory=Steps)
    parts_queue: FakeQueue = field(default_factory=FakeQueue)
    encoder: Encoder | None = None
    """Instead of the real ffmpeg."""

    def __post_init__(self) -> None:
        self.tracks = BreakableTracks(self.tables["catalogue"], self.tables["outbox"])
        self.uploads = UploadRepository(self.tables["catalogue"])

    def arrived(self, filename: str, data: bytes, **announced: Any) -> tuple[Track, StoredObject]:
        """A draft, and its announced bytes in the uploads bucket."""
        track = a_track(filename=filename, size_bytes=Bytes(len(data)), **announced)
        upload = self.tracks.create(track, an_upload(track))
        return track, self.store.add("uploads", upload.key, data)

    def scan_service(self) -> ScanService:
        watched = self.steps.watched
        examiner = self._examiner()
        return ScanService(
            tracks=watched("tracks", self.tracks),
            uploads=watched("uploads", self.uploads),
            store=examiner.store,
            examiner=examiner,
            clock=self.clock,
            uploads_bucket="uploads",
            originals_bucket="originals",
            quarantine_bucket="quarantine",
        )

    def _examiner(self) -> Examiner:
        watched = self.steps.watched
        health = watched("health", HealthRepository(self.tables["operations"]))
        return Examiner(
            store=watched("store", self.store),
            scanner=watched("scanner", self.scanner),
            health=ScanHealth(repository=health, clock=self.clock),
            clock=self.clock,
        )

    def recheck_service(self) -> RecheckService:
        watched = self.steps.watched
        examiner = self._examiner()
        return RecheckService(
            tracks=watched("tracks", self.tracks),
            store=examiner.store,
            examiner=examiner,
            clock=self.clock,
            quarantine_bucket="quarantine",
            media_bucket="media",
        )

    def scan(self, obj: StoredObject) -> ScanOutcome:
        return self.scan_service().scan_object(obj.bucket, obj.key, obj.version_id)

    def scanned(self, filename: str, data: bytes, **announced: Any) -> Track:
        """Found clean, and ordered to be transcoded."""
        track, obj = self.arrived(filename, data, **announced)
        assert self.scan(obj) is ScanOutcome.PROMOTED
        return track

    def transcoder(self, engine: Ffmpeg | None = None) -> Transcoder:
        return Transcoder(
            tracks=self.steps.watched("tracks", self.tracks),
            encoder=self._encoder(engine),
            completion=self._completion(),
            clock=self.clock,
        )

    def part_encoder(self, engine: Ffmpeg | None = None) -> PartEncoder:
        return PartEncoder(
            tracks=self.steps.watched("tracks", self.tracks),
            encoder=self._encoder(engine),
            completion=self._completion(),
            clock=self.clock,
        )

    def _encoder(self, engine: Ffmpeg | None) -> Encoder:
        return self.encoder or FfmpegEncoder(engine or Ffmpeg(str(tools.ffmpeg())), self.store)

    def _completion(self) -> Completion:
        return Completion(
            store=self.steps.watched("store", self.store),
            parts=self.steps.watched("parts", PartRepository(self.tables["catalogue"])),
            parts_queue=self.steps.watched("queue", self.parts_queue),
            media_bucket="media",
        )

    def transcode(self, track: Track, engine: Ffmpeg | None = None, *, last_try: bool = False) -> Outcome:
        """The head, and then the parts it asked for; what the last of them came to."""
        attempt = self.now(track).attempt
        message = TrackScanned(track_id=track.id, owner_id=track.owner_id, attempt=attempt)
        outcome = self.transcoder(engine).transcode_track(message, last_try=last_try)
        while outcome is Outcome.PART_DONE and self.parts_queue.sent:
            request = PartRequest.model_validate_json(self.parts_queue.sent.pop(0))
            outcome = self.part_encoder(engine).encode_part(request, last_try=last_try)
        return outcome

    def now(self, track: Track) -> Track:
        return self.tracks.get(track.id)

    def events(self, track: Track) -> list[str]:
        """Types of the events about the track, oldest first."""
        return [e.type for e in self.outbox() if e.data.get("track_id") == track.id]

    def outbox(self) -> list[Envelope]:
        """Every event ever written, oldest first: ids are made in order."""
        rows = self.dynamodb.scan(TableName=self.tables["outbox"])["Items"]
        return sorted((envelope_of(row) for row in rows), key=lambda e: e.id)

    def keys(self, bucket: str) -> list[str]:
        return list(self.store.list_keys(bucket, ""))

    def media_of(self, track: Track) -> dict[str, bytes]:
        """What lies in the media bucket for a track: the newest bytes of every key, by name below its folder."""
        keys = self.store.list_keys("media", f"{track.id}/")
        return {key.removeprefix(f"{track.id}/"): self.store.newest("media", key).body for key in keys}
