"""A scan service on real tables, with object storage, scanner and clock of the test's making."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest

from core.domain.ids import Bytes
from core.domain.tracks import StoredObject, Track
from core.domain.verdicts import ScanVerdict
from core.messages.envelope import Envelope
from core.ports.scanner import EngineAnswer
from core.store.health import HealthReport, HealthRepository
from core.store.outbox import envelope_of
from core.store.tracks import TrackRepository
from core.store.uploads import UploadRepository
from scan.examination import Examiner
from scan.health import ScanHealth
from scan.service import Outcome, ScanService
from tests import corpus
from tests.builders import a_track, an_upload
from tests.corpus import BadSample, Sample
from tests.fakes.clock import FakeClock
from tests.fakes.objects import FakeObjectStore
from tests.fakes.scanner import FakeScanner

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, kw_only=True)
class ScanRoom:
    """Everything around the scan, and short words for what tests do with it."""

    service: ScanService
    store: FakeObjectStore
    scanner: FakeScanner
    clock: FakeClock
    tracks: TrackRepository
    health_rows: HealthRepository
    outbox: Callable[[], list[Envelope]]

    def announce(self, sample: Sample | BadSample, **upload: Any) -> Track:
        """A draft whose upload announces this file."""
        track = a_track(filename=sample.filename, size_bytes=Bytes(len(sample.read())))
        self.tracks.create(track, an_upload(track, **upload))
        return track

    def arrive(self, track: Track, content: bytes) -> StoredObject:
        return self.store.add("uploads", key_of(track), content)

    def arrived(self, name: str = "wav-16", **upload: Any) -> tuple[Track, StoredObject]:
        """A track whose announced good sample has arrived."""
        sample = corpus.sample(name)
        track = self.announce(sample, **upload)
        return track, self.arrive(track, sample.read())

    def scan(self, obj: StoredObject) -> Outcome:
        return self.service.scan_object(obj.bucket, obj.key, obj.version_id)

    def now(self, track: Track) -> Track:
        return self.tracks.get(track.id)

    def verdict(self, obj: StoredObject) -> ScanVerdict | None:
        return self.tracks.verdict_of(obj)

    def events(self) -> list[str]:
        return sorted(envelope.detail_type for envelope in self.outbox())

    def keys(self, bucket: str) -> list[str]:
        return [obj.key for obj in self.store.versions if obj.bucket == bucket]

    def health(self) -> HealthReport | None:
        return self.health_rows.get("scan")

    def change(self, track: Track, **fields: Any) -> Track:
        """Somebody else saves the track."""
        return self.tracks.save(replace(self.now(track), **fields), now=self.clock.now())


def key_of(track: Track) -> str:
    return f"incoming/{track.id}/{track.upload_id}"


@pytest.fixture
def room(
    dynamodb: "DynamoDBClient",
    tables: dict[str, str],
    tracks: TrackRepository,
    uploads: UploadRepository,
    health: HealthRepository,
) -> ScanRoom:
    store, scanner, clock = FakeObjectStore(), FakeScanner(), FakeClock()
    examiner = Examiner(store=store, scanner=scanner, health=ScanHealth(repository=health, clock=clock), clock=clock)
    service = ScanService(
        tracks=tracks,
        uploads=uploads,
        store=store,
        examiner=examiner,
        clock=clock,
        uploads_bucket="uploads",
        originals_bucket="originals",
        quarantine_bucket="quarantine",
    )
    return ScanRoom(
        service=service,
        store=store,
        scanner=scanner,
        clock=clock,
        tracks=tracks,
        health_rows=health,
        outbox=lambda: [envelope_of(row) for row in dynamodb.scan(TableName=tables["outbox"])["Items"]],
    )


def while_scanning(room: ScanRoom, happens: Callable[[], object]) -> None:
    """Once, in the middle of the next scan, `happens` happens."""
    scan = room.scanner.scan

    def interrupted(file: BinaryIO) -> EngineAnswer:
        room.scanner.scan = scan  # type: ignore[method-assign]
        happens()
        return scan(file)

    room.scanner.scan = interrupted  # type: ignore[method-assign]
