"""Fault 9 with real processes: SIGKILL at a step boundary, state in a cloud of its own that survives the worker."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.adapters import clients
from core.adapters.s3 import S3ObjectStore
from core.domain.ids import Bytes
from core.domain.tracks import StoredObject, Track, TrackState
from core.domain.uploads import incoming_key
from core.messages.tracks import TrackScanned
from core.messages.work import PartRequest
from core.store.connection import shared_connection
from dev import tools
from scan.held import LEASE_S as SCAN_LEASE_S
from scan.service import Outcome as ScanOutcome
from scan.service import ScanService
from tests.builders import a_track, an_upload
from tests.contract.aws import REGION
from tests.fakes.scanner import FakeScanner
from tests.faults.pipeline import wait_until
from tests.faults.sounds import brief
from tests.faults.workshop import Workshop
from transcode.encode import FfmpegEncoder
from transcode.ffmpeg import Ffmpeg
from transcode.work import LEASE_S as TRANSCODE_LEASE_S
from transcode.work import Outcome

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BUCKETS = ("uploads", "originals", "quarantine", "media")
ENOUGH_S = 60
"""For any of these workers, whatever else the machine does."""


@pytest.fixture(scope="module")
def dynamodb(ministack: "DynamoDBClient") -> "DynamoDBClient":
    """With the buckets beside it; what lies in moto would die with the worker."""
    for bucket in BUCKETS:
        clients.s3().create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        clients.s3().put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return ministack


@pytest.fixture
def workshop(dynamodb: "DynamoDBClient", tables: dict[str, str]) -> Workshop:
    return Workshop(dynamodb=dynamodb, tables=tables, scanner=FakeScanner())


def arrived(workshop: Workshop) -> tuple[Track, StoredObject]:
    data = brief()
    track = a_track(filename="song.wav", size_bytes=Bytes(len(data)))
    workshop.tracks.create(track, an_upload(track))
    key = incoming_key(track.id, track.upload_id)
    put = clients.s3().put_object(Bucket="uploads", Key=key, Body=data)
    return track, StoredObject(bucket="uploads", key=key, version_id=put["VersionId"])


def scanner_of(workshop: Workshop) -> ScanService:
    store, service = workshop.steps.watched("store", S3ObjectStore(clients.s3())), workshop.scan_service()
    return replace(service, store=store, examiner=replace(service.examiner, store=store))


def transcode(workshop: Workshop, order: TrackScanned) -> Outcome:
    """The head and its parts, one worker after the other, on the cloud's storage."""
    store = S3ObjectStore(clients.s3())
    encoder = FfmpegEncoder(Ffmpeg(str(tools.ffmpeg())), store)
    head, part = workshop.transcoder(), workshop.part_encoder()
    completion = replace(head.completion, store=workshop.steps.watched("store", store))
    outcome = replace(head, completion=completion, encoder=encoder).transcode_track(order, last_try=False)
    while workshop.parts_queue.sent:
        request = PartRequest.model_validate_json(workshop.parts_queue.sent.pop(0))
        outcome = replace(part, completion=completion, encoder=encoder).encode_part(request, last_try=False)
    return outcome


def killed_at(workshop: Workshop, at: int, work: Callable[[], object]) -> bool:
    """Does `work` in a process of its own, which kills itself at that boundary; False if it never got there."""

    def run() -> None:
        os.setsid()
        clients.forget()  # sockets are not shared with the parent
        shared_connection.cache_clear()
        workshop.steps.arm(at, lambda: os.kill(os.getpid(), signal.SIGKILL))
        work()

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join(ENOUGH_S)
    assert process.pid is not None
    assert process.exitcode in {0, -signal.SIGKILL}
    session = process.pid
    wait_until(lambda: members(session) == [], "its encoder ends with it")
    return process.exitcode != 0


def members(session: int) -> list[str]:
    """Processes of a session that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, _, _, its_session, *_ = rest.split()
        if int(its_session) == session and state != "Z":
            found.append(name)
    return found


def etags(bucket: str, track: Track) -> dict[str, str]:
    """What is the newest of each key below the track's folder, by the name it has there."""
    page = clients.s3().list_objects_v2(Bucket=bucket, Prefix=f"{track.id}/")
    return {found["Key"].removeprefix(track.id): found["ETag"] for found in page.get("Contents", [])}


def test_fault_09_a_scan_that_gets_sigkill_at_any_step_is_done_by_the_next_one(workshop: Workshop) -> None:
    smooth, obj = arrived(workshop)
    assert scanner_of(workshop).scan_object(obj.bucket, obj.key, obj.version_id) is ScanOutcome.PROMOTED
    expected, at, alive = etags("originals", smooth), 0, True

    while alive:
        at += 1
        track, obj = arrived(workshop)
        arrival = (obj.bucket, obj.key, obj.version_id)
        alive = killed_at(workshop, at, lambda: scanner_of(workshop).scan_object(*arrival))  # noqa: B023
        for _ in range(2):  # at once, and when the dead one's lease is over
            scanner_of(workshop).scan_object(*arrival)
            workshop.clock.advance(SCAN_LEASE_S)
        assert workshop.now(track).state is TrackState.TRANSCODING
        assert workshop.events(track) == ["track.scanned"]
        assert etags("originals", track) == expected

    assert at > 8


def test_fault_09_a_transcode_that_gets_sigkill_at_any_step_is_done_by_the_next_one(
    workshop: Workshop, *, deep: bool
) -> None:
    def scanned() -> tuple[Track, TrackScanned]:
        track, obj = arrived(workshop)
        scanner_of(workshop).scan_object(obj.bucket, obj.key, obj.version_id)
        return track, TrackScanned(track_id=track.id, owner_id=track.owner_id, attempt=1)

    smooth, order = scanned()
    assert transcode(workshop, order) is Outcome.READY
    expected, at, alive = etags("media", smooth), 1, True

    while alive:
        track, order = scanned()
        alive = killed_at(workshop, at, lambda: transcode(workshop, order))  # noqa: B023
        for _ in range(2):
            transcode(workshop, order)
            workshop.clock.advance(TRANSCODE_LEASE_S)
        assert workshop.now(track).state is TrackState.READY
        assert workshop.events(track) == ["track.scanned", "track.playable", "transcoding.completed"]
        assert etags("media", track) == expected
        at += 1 if deep else 5

    assert at > 20
