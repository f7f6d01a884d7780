"""Faults 7, 8 and 14: messages nobody can read, batches that fail whole, and an engine that is away for a while."""

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.domain.ids import new_id
from core.domain.limits import QUEUE_MAX_RECEIVES
from core.messages.definitions import DEFINITIONS_POINTER
from dev.engine import Engine
from dev.redrive import move
from tests import corpus
from tests.faults.invariants import assert_at_rest
from tests.faults.pipeline import Pipeline, bus_event, wait_until
from tests.people import Artist

WAV = corpus.sample("wav-8-mono-8k")
NUDGE = "nudge"
POISON = ("no JSON", "[]", '{"Records": [{}]}', '{"detail": {"type": "track.scanned"}}', '{"kind": "other"}')


def failed(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_fault_07_poison_between_good_messages_fails_alone(pipeline: Pipeline, artist: Artist) -> None:
    with pipeline.deaf():
        track = pipeline.upload(artist, WAV.filename, WAV.read())
    good = pipeline.arrival((track.key, pipeline.newest_version(track.key)))

    answer = pipeline.invoke("Scan", pipeline.handed("Scan", POISON[0], good, POISON[1]))

    assert failed(answer) == ["m0", "m2"]
    assert_at_rest(pipeline, artist, track.track_id)
    assert artist.track(track.track_id)["state"] == "ready"


@pytest.mark.parametrize("function", ["Scan", "Transcode", "Mail"])
def test_fault_08_a_batch_that_fails_whole_is_named_and_logged_record_by_record(
    pipeline: Pipeline, function: str
) -> None:
    answer = pipeline.invoke(function, pipeline.handed(function, *POISON))

    everything = [f"m{number}" for number in range(len(POISON))]
    assert failed(answer) == everything

    def named() -> bool:
        if set(everything) <= {entry["message_id"] for entry in pipeline.said(function, message="record_failed")}:
            return True
        # What a worker says late, MiniStack keeps for the log of its next call.
        nudge = pipeline.handed(function, POISON[0])
        nudge["Records"][0]["messageId"] = NUDGE
        pipeline.invoke(function, nudge)
        return False

    wait_until(named, "a line for each")
    told = Counter(entry["message_id"] for entry in pipeline.said(function, message="record_failed"))
    del told[NUDGE]
    assert told == dict.fromkeys(everything, 1)


def test_fault_08_a_queue_full_of_poison_makes_no_storm_and_holds_up_nobody(pipeline: Pipeline, artist: Artist) -> None:
    """Fault 7 too: after QUEUE_MAX_RECEIVES tries, and not one more, each of them is a dead letter."""
    poison = [json.dumps({"poison": new_id()}) for _ in range(6)]
    with pipeline.hasty("Mail", seconds=1):
        pipeline.tell("Mail", *poison)
        track = pipeline.upload(artist, WAV.filename, WAV.read())
        wait_until(lambda: len(_among(pipeline, "Mail", poison)) == len(poison), "all poison with the dead letters")

        assert_at_rest(pipeline, artist, track.track_id)

    dead = _among(pipeline, "Mail", poison)
    tries = Counter(entry["message_id"] for entry in pipeline.said("Mail", message="record_failed"))
    assert tries == {message["MessageId"]: QUEUE_MAX_RECEIVES for message in dead}
    pipeline.bury("Mail", dead)


def test_fault_14_without_definitions_nothing_passes_and_a_redrive_sets_everything_going_again(
    pipeline: Pipeline, artist: Artist
) -> None:
    """Fault 7 too: what became a dead letter while the scanner was away is put back by `make redrive`."""
    with _definitions_withdrawn(pipeline), pipeline.hasty("Scan"):
        _kill_clamd(pipeline)
        tracks = [pipeline.upload(artist, s.filename, s.read()) for s in (WAV, corpus.bad_sample("eicar"))]
        wait_until(lambda: len(_about(pipeline, tracks[0].key)) == 1, "a dead letter")
        wait_until(lambda: len(_about(pipeline, tracks[1].key)) == 1, "another one")

        for track in tracks:
            assert artist.track(track.track_id)["state"] == "scanning"
            stored = pipeline.objects(track.track_id)
            assert (stored["Originals"], stored["Media"], stored["Quarantine"]) == ({}, {}, {})
        _assert_not_ready(pipeline, "definitions", "no virus definitions")
        _assert_not_ready(pipeline, "scan", "no virus definitions")

    sqs, dead_letters = pipeline.cloud.aws("sqs"), pipeline.cloud.outputs["ScanDeadLettersUrl"]
    assert move(sqs, dead_letters, pipeline.url("Scan")) >= len(tracks)

    assert_at_rest(pipeline, artist, *(track.track_id for track in tracks))
    assert [artist.track(track.track_id)["state"] for track in tracks] == ["ready", "rejected"]
    assert pipeline.waiting(dead_letters) == 0
    wait_until(lambda: _readyz(pipeline) == {}, "ready again")


def test_fault_14_a_clamd_that_was_killed_is_started_again(pipeline: Pipeline, artist: Artist) -> None:
    with pipeline.hasty("Scan", seconds=5):
        _kill_clamd(pipeline)
        eicar = corpus.bad_sample("eicar")
        tracks = [pipeline.upload(artist, s.filename, s.read()) for s in (eicar, WAV)]

        assert_at_rest(pipeline, artist, *(track.track_id for track in tracks))

    assert [artist.track(track.track_id)["state"] for track in tracks] == ["rejected", "ready"]


def test_fault_07_a_redriven_message_of_finished_work_changes_nothing(pipeline: Pipeline, artist: Artist) -> None:
    track = pipeline.upload(artist, WAV.filename, WAV.read())
    assert_at_rest(pipeline, artist, track.track_id)
    before = pipeline.objects(track.track_id)
    scanned = next(e for e in pipeline.events_about(track.track_id) if e.type == "track.scanned")
    sqs, dead_letters = pipeline.cloud.aws("sqs"), pipeline.cloud.outputs["TranscodeDeadLettersUrl"]
    sqs.send_message(QueueUrl=dead_letters, MessageBody=bus_event(scanned))

    assert move(sqs, dead_letters, pipeline.url("Transcode")) == 1

    assert_at_rest(pipeline, artist, track.track_id)
    assert pipeline.objects(track.track_id) == before


def _among(pipeline: Pipeline, queue: str, bodies: list[str]) -> list[dict[str, str]]:
    return [message for message in pipeline.dead_letters(queue) if message["Body"] in bodies]


def _about(pipeline: Pipeline, key: str) -> list[dict[str, str]]:
    return [message for message in pipeline.dead_letters("Scan") if key in message["Body"]]


@contextmanager
def _definitions_withdrawn(pipeline: Pipeline) -> Iterator[None]:
    s3, bucket = pipeline.cloud.aws("s3"), pipeline.bucket("Definitions")
    pointer = s3.get_object(Bucket=bucket, Key=DEFINITIONS_POINTER)["Body"].read()
    s3.delete_object(Bucket=bucket, Key=DEFINITIONS_POINTER)
    try:
        yield
    finally:
        s3.put_object(Bucket=bucket, Key=DEFINITIONS_POINTER, Body=pointer, ContentType="application/json")


def _kill_clamd(pipeline: Pipeline) -> None:
    """Every clamd below this cloud's own temp folder; warm scanners would go on with the definitions they hold."""
    home = Engine(home=pipeline.cloud.work.parent, port=pipeline.cloud.port, persistent=False).temp
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if any(word.startswith(f"--config-file={home}/".encode()) for word in command) and b"clamd" in command[0]:
            os.kill(int(process.name), signal.SIGKILL)


def _readyz(pipeline: Pipeline) -> dict[str, str]:
    """What /readyz complains about: part → detail; nothing if it answers 200."""
    answer = pipeline.cloud.http.get(f"{pipeline.cloud.api_url}/readyz")
    if answer.status_code == 200:
        return {}
    assert answer.status_code == 503, answer.text
    return {check["name"]: check["detail"] for check in answer.json()["checks"] if not check["ok"]}


def _assert_not_ready(pipeline: Pipeline, part: str, why: str) -> None:
    wait_until(lambda: why in _readyz(pipeline).get(part, "").lower(), f"/readyz names {part}")
