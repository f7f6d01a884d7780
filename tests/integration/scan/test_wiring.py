"""The function as it is deployed: its settings, real adapters, a real clamd, an S3 event in a queue record."""

import importlib
import json
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.adapters import clients
from core.domain.errors import ScannerUnavailable
from core.domain.ids import Bytes
from core.domain.reasons import ReasonCode
from core.domain.tracks import Track, TrackState
from core.settings import variable
from core.store.health import HealthRepository
from core.store.tracks import TrackRepository
from dev import definitions, tools
from scan import wiring
from scan.handler import handler
from tests import corpus
from tests.builders import a_track, an_upload
from tests.corpus import BadSample, Sample
from tests.integration.scan.conftest import key_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONTEXT = cast("LambdaContext", SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000))
BUCKETS = ("uploads", "originals", "attachments", "quarantine", "definitions", "media")


def forget() -> None:
    for built in (wiring.service, wiring.attachments, wiring.examiner, wiring.scanner):
        built.cache_clear()
    clients.forget()


@pytest.fixture
def s3(tables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator["S3Client"]:
    """Versioned buckets on moto, and the function's environment; its clamd ends with the test."""
    client = boto3.client("s3")
    for bucket in BUCKETS:
        where: Any = {"LocationConstraint": "eu-central-1"}
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    settings = {
        "stage": "test",
        "clamd": str(tools.clamd()),
        "definitions_max_age_h": "48",
        **{f"{area}_table": tables[area] for area in ("catalogue", "chat", "operations", "outbox")},
        **{f"{bucket}_bucket": bucket for bucket in BUCKETS},
    }
    for name, value in settings.items():
        monkeypatch.setenv(variable(name), value)
    forget()
    yield client
    wiring.scanner().close()
    forget()
    for bucket in BUCKETS:
        for listed in client.list_object_versions(Bucket=bucket).get("Versions", []):
            client.delete_object(Bucket=bucket, Key=listed["Key"], VersionId=listed["VersionId"])
        client.delete_bucket(Bucket=bucket)


def scanned(s3: "S3Client", tracks: TrackRepository, sample: Sample | BadSample) -> tuple[Track, list[Any]]:
    """The track after its file was announced, put, and its event handled; and the records that failed."""
    track = a_track(filename=sample.filename, size_bytes=Bytes(len(sample.read())))
    tracks.create(track, an_upload(track))
    version = s3.put_object(Bucket="uploads", Key=key_of(track), Body=sample.read())["VersionId"]
    stored = {"key": key_of(track), "versionId": version}
    arrival = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "uploads"}, "object": stored}}
    record = {"messageId": "1", "body": json.dumps({"Records": [arrival]}), "attributes": {}, "eventSource": "aws:sqs"}
    answer = handler({"Records": [record]}, CONTEXT)
    return tracks.get(track.id), answer["batchItemFailures"]


def test_a_song_goes_on_and_malware_does_not(s3: "S3Client", tracks: TrackRepository, health: HealthRepository) -> None:
    definitions.ensure_builtin(s3, "definitions")

    song, failed = scanned(s3, tracks, corpus.sample("flac-16"))
    assert (song.state, failed) == (TrackState.TRANSCODING, [])
    malware, failed = scanned(s3, tracks, corpus.bad_sample("eicar-zip"))
    assert (malware.state, malware.reason, failed) == (TrackState.REJECTED, ReasonCode.INFECTED, [])

    assert [found["Key"].split("/")[0] for found in s3.list_objects_v2(Bucket="originals")["Contents"]] == [song.id]
    assert [found["Key"].split("/")[0] for found in s3.list_objects_v2(Bucket="quarantine")["Contents"]] == [malware.id]
    report = health.get("scan")
    assert report is not None
    assert report.ok
    assert report.facts["source"] == "builtin"


def test_fault_14_without_definitions_the_track_waits_until_there_are_some(
    s3: "S3Client", tracks: TrackRepository, health: HealthRepository
) -> None:
    waiting, failed = scanned(s3, tracks, corpus.sample("wav-16"))

    assert waiting.state is TrackState.SCANNING
    assert failed == [{"itemIdentifier": "1"}]
    assert s3.list_objects_v2(Bucket="originals")["KeyCount"] == 0
    report = health.get("scan")
    assert report is not None
    assert not report.ok

    definitions.ensure_builtin(s3, "definitions")
    rescan = {"kind": "rescan", "bucket": "uploads", "key": key_of(waiting)}
    record = {"messageId": "2", "body": json.dumps(rescan), "attributes": {}, "eventSource": "aws:sqs"}
    assert handler({"Records": [record]}, CONTEXT) == {"batchItemFailures": []}
    assert tracks.get(waiting.id).state is TrackState.TRANSCODING


def test_the_sandbox_starts_with_a_clamd_that_has_loaded(s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    definitions.ensure_builtin(s3, "definitions")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "scan")

    importlib.reload(sys.modules["scan.handler"])

    assert wiring.scanner()._engine is not None, "before anybody asked"


def test_a_sandbox_without_definitions_starts_all_the_same(s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "scan")

    importlib.reload(sys.modules["scan.handler"])

    with pytest.raises(ScannerUnavailable, match="no virus definitions"):
        wiring.scanner().definitions()
