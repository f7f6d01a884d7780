"""Fault 14 on the deployed stack: definitions come from a mirror on loopback, and what they find is withdrawn."""

import io
import json
import random
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.messages.definitions import DEFINITIONS_POINTER
from core.settings import variable
from dev import definitions
from scan.clamav import POINTER_CHECK_S
from schedules.definitions.shelf import MEMORY
from schedules.sweep.recheck import SETTLE_S
from tests.fakes.mirror import Mirror, running_mirror
from tests.faults.invariants import assert_at_rest
from tests.faults.pipeline import Pipeline, wait_until
from tests.people import Artist


@pytest.fixture
def mirror(tmp_path: Path, pipeline: Pipeline) -> Iterator[Mirror]:
    """With the builtin set; the deployed function fetches from it. Afterwards everything is as it was."""
    with running_mirror() as running, _as_it_was(pipeline):
        running.files = {path.name: path.read_bytes() for path in definitions.build_builtin(tmp_path).iterdir()}
        yield running


def refresh(pipeline: Pipeline, mirror: Mirror) -> str:
    """The outcome of a run with all that the mirror has now; an earlier run is forgotten, as if hours had passed."""
    _set(pipeline, definitions_mirror=mirror.setting())
    pipeline.cloud.aws("s3").delete_object(Bucket=pipeline.bucket("Definitions"), Key=MEMORY)
    return str(pipeline.invoke("Definitions", {})["outcome"])


def pointer(pipeline: Pipeline) -> dict[str, Any]:
    body = pipeline.cloud.aws("s3").get_object(Bucket=pipeline.bucket("Definitions"), Key=DEFINITIONS_POINTER)["Body"]
    return dict(json.loads(body.read()))


def test_fault_14_new_definitions_reach_warm_scanners_and_withdraw_what_they_know(
    pipeline: Pipeline, mirror: Mirror, artist: Artist
) -> None:
    bad, mark = _noise(1)
    good, _ = _noise(2)
    tracks = [pipeline.upload(artist, "song.wav", data).track_id for data in (bad, good)]
    assert_at_rest(pipeline, artist, *tracks)
    assert [artist.track(track)["state"] for track in tracks] == ["ready", "ready"]

    mirror.files["news.ndb"] = f"Brand.New:0:*:{mark.hex()}\n".encode()
    assert refresh(pipeline, mirror) == "published"
    version = pointer(pipeline)["version"]
    time.sleep(POINTER_CHECK_S)  # so long may a warm scanner go on with what it holds
    pipeline.sweep()
    _let_settle(pipeline)
    _ask_for_all(pipeline)

    wait_until(lambda: artist.track(tracks[0])["state"] == "rejected", "the track is withdrawn")
    pipeline.rest()
    assert artist.track(tracks[0])["state_reason"]["code"] == "infected"
    assert artist.call("POST", f"/tracks/{tracks[0]}/stream").status_code == 409
    stored = pipeline.objects(tracks[0])
    assert (stored["Media"], stored["Originals"], stored["Uploads"]) == ({}, {}, {})
    assert len(stored["Quarantine"]) == 1
    assert artist.track(tracks[1])["state"] == "ready"
    assert pipeline.said("Scan", message="scanner_started", ok=True, version=version)

    again = pipeline.upload(artist, "again.wav", bad)
    assert_at_rest(pipeline, artist, again.track_id)
    assert artist.track(again.track_id)["state_reason"]["code"] == "infected"


@pytest.mark.parametrize(("status", "code"), [(403, "definitions_forbidden"), (429, "definitions_rate_limited")])
def test_fault_14_a_mirror_that_refuses_is_counted_and_left_alone(
    pipeline: Pipeline, mirror: Mirror, status: int, code: str
) -> None:
    assert refresh(pipeline, mirror) == "published"
    before = pointer(pipeline)
    mirror.status = status

    assert refresh(pipeline, mirror) == code

    asked = len(mirror.asked)
    assert pipeline.invoke("Definitions", {}) == {"outcome": "resting"}
    assert len(mirror.asked) == asked
    assert pointer(pipeline) == before
    wait_until(lambda: bool(pipeline.said("Definitions", DefinitionsRefreshFailed=[1.0])), "the refusal is counted")
    assert pipeline.said("Definitions", message="definitions_kept", code=code)


def test_fault_14_a_mirror_that_sends_rubbish_changes_nothing(pipeline: Pipeline, mirror: Mirror) -> None:
    assert refresh(pipeline, mirror) == "published"
    before = pointer(pipeline)

    mirror.halved = True
    assert refresh(pipeline, mirror) == "definitions_corrupt"
    mirror.halved = False
    mirror.checksums["eicar.ndb"] = "0" * 64
    assert refresh(pipeline, mirror) == "definitions_corrupt"
    mirror.checksums.clear()
    mirror.files["eicar.ndb"] = b"Something.Else:0:*:deadbeefdeadbeef\n"
    assert refresh(pipeline, mirror) == "definitions_unproved"

    assert pointer(pipeline) == before


def _noise(seed: int) -> tuple[bytes, bytes]:
    """A second of it as WAV, and 32 bytes from its middle."""
    samples, file = random.Random(seed).randbytes(88_200), io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(44_100)
        audio.writeframes(samples)
    return file.getvalue(), samples[40_000:40_032]


def _let_settle(pipeline: Pipeline) -> None:
    """As if the sweep had seen these definitions a while ago."""
    pipeline.cloud.aws("dynamodb").update_item(
        TableName=pipeline.cloud.outputs["OperationsTable"],
        Key={"pk": {"S": "recheck"}, "sk": {"S": "definitions"}},
        UpdateExpression="ADD since :back",
        ConditionExpression="attribute_exists(since)",
        ExpressionAttributeValues={":back": {"N": str(-SETTLE_S)}},
    )


def _ask_for_all(pipeline: Pipeline) -> None:
    """A sweep asks for so many tracks and no more, and other tests may have left a thousand."""
    while pipeline.sweep().get("recheck_asked"):
        wait_until(lambda: pipeline.waiting(pipeline.url("Scan")) == 0, "what was asked for is scanned")


def _set(pipeline: Pipeline, **settings: str) -> dict[str, str]:
    """Gives the definitions' function these settings; returns its environment as it was."""
    client, name = pipeline.cloud.aws("lambda"), pipeline.cloud.outputs["DefinitionsFunction"]
    was = dict(client.get_function_configuration(FunctionName=name)["Environment"]["Variables"])
    environment = {**was, **{variable(key): value for key, value in settings.items()}}
    client.update_function_configuration(FunctionName=name, Environment={"Variables": environment})
    return was


@contextmanager
def _as_it_was(pipeline: Pipeline) -> Iterator[None]:
    """Points back to the definitions of before, as a rollback does, and to the mirror of before."""
    s3, bucket = pipeline.cloud.aws("s3"), pipeline.bucket("Definitions")
    before, environment = s3.get_object(Bucket=bucket, Key=DEFINITIONS_POINTER)["Body"].read(), _set(pipeline)
    files = {file["key"]: s3.get_object(Bucket=bucket, Key=file["key"])["Body"].read()
             for file in json.loads(before)["files"]}  # fmt: skip
    try:
        yield
    finally:
        pipeline.cloud.aws("lambda").update_function_configuration(
            FunctionName=pipeline.cloud.outputs["DefinitionsFunction"], Environment={"Variables": environment}
        )
        for key, body in files.items():
            s3.put_object(Bucket=bucket, Key=key, Body=body)
        s3.put_object(Bucket=bucket, Key=DEFINITIONS_POINTER, Body=before, ContentType="application/json")
        s3.delete_object(Bucket=bucket, Key=MEMORY)
        time.sleep(POINTER_CHECK_S)
