"""Faults 1–6: events come many times, out of order, not at all, too late, or in odd shapes."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import corpus
from tests.corpus.sample import cached, ffmpeg
from tests.faults.invariants import assert_at_rest
from tests.faults.pipeline import Pipeline, bus_event, s3_event, wait_until
from tests.people import Artist

WAV = corpus.sample("wav-8-mono-8k")
OTHER = corpus.sample("wav-11k")


def test_fault_01_the_same_event_six_times_at_once_is_one_scan_and_one_mail(pipeline: Pipeline, artist: Artist) -> None:
    track = pipeline.upload(artist, WAV.filename, WAV.read())
    version = pipeline.newest_version(track.key)

    pipeline.tell("Scan", *[pipeline.arrival((track.key, version))] * 5)

    assert_at_rest(pipeline, artist, track.track_id)
    assert artist.track(track.track_id)["state"] == "ready"
    assert len(pipeline.said("Scan", key=track.key, outcome="promoted")) == 1
    assert len(pipeline.said("Scan", key=track.key)) == 6
    assert len(pipeline.objects(track.track_id)["Originals"]) == 1


def test_fault_01_every_later_message_five_times_changes_nothing(pipeline: Pipeline, artist: Artist) -> None:
    track = pipeline.upload(artist, WAV.filename, WAV.read())
    artist.wait_for(track.track_id, "ready")
    pipeline.rest()
    stored, shown = pipeline.objects(track.track_id), artist.track(track.track_id)
    by_type = {event.type: event for event in pipeline.events_about(track.track_id)}

    pipeline.tell("Transcode", *[bus_event(by_type["track.scanned"])] * 5)
    pipeline.tell("Mail", *[bus_event(by_type["transcoding.completed"])] * 5)

    assert_at_rest(pipeline, artist, track.track_id)
    assert pipeline.objects(track.track_id) == stored
    assert artist.track(track.track_id)["updated_at"] == shown["updated_at"]


@pytest.mark.parametrize("newest_first", [True, False])
def test_fault_02_the_newest_version_wins_whatever_the_order_of_events(
    pipeline: Pipeline, artist: Artist, *, newest_first: bool
) -> None:
    track = pipeline.announce(artist, WAV.filename, WAV.read())
    with pipeline.deaf():
        old = pipeline.put(track.key, bytes(len(WAV.read())))
        new = pipeline.put(track.key, WAV.read())

    for version in (new, old) if newest_first else (old, new):
        pipeline.tell("Scan", pipeline.arrival((track.key, version)))
        pipeline.rest()

    assert_at_rest(pipeline, artist, track.track_id)
    assert artist.track(track.track_id)["state"] == "ready"
    assert pipeline.verdicts(track.key) == {new: "clean"}
    assert len(pipeline.said("Scan", version_id=old, outcome="superseded")) == 1


def test_fault_03_a_lost_arrival_is_found_by_the_sweep_and_counted(pipeline: Pipeline, artist: Artist) -> None:
    with pipeline.deaf():
        track = pipeline.upload(artist, WAV.filename, WAV.read())
    pipeline.rest()
    assert artist.track(track.track_id)["state"] == "draft"

    pipeline.make_overdue(track.track_id)
    pipeline.sweep()

    assert_at_rest(pipeline, artist, track.track_id)
    assert artist.track(track.track_id)["state"] == "ready"
    assert len(pipeline.said("Sweep", track_id=track.track_id, outcome="event_lost")) == 1
    assert pipeline.said("Sweep", EventLost=[1.0])


def test_fault_03_a_lost_order_to_transcode_is_given_again(pipeline: Pipeline, artist: Artist) -> None:
    with pipeline.unheard("Transcode"):
        track = pipeline.upload(artist, WAV.filename, WAV.read())
        artist.wait_for(track.track_id, "transcoding")
        wait_until(lambda: pipeline.waiting(pipeline.url("Transcode")) == 1, "the order to transcode")
        pipeline.lose_messages("Transcode")

    pipeline.make_overdue(track.track_id)
    pipeline.sweep()

    assert_at_rest(pipeline, artist, track.track_id)
    assert artist.track(track.track_id)["state"] == "ready"
    assert len(pipeline.said("Sweep", track_id=track.track_id, outcome="redriven")) == 1
    assert pipeline.said("Sweep", TrackRedriven=[1.0])


def test_fault_04_the_event_of_an_object_that_is_gone_ends_the_track_without_a_retry(
    pipeline: Pipeline, artist: Artist
) -> None:
    track = pipeline.announce(artist, WAV.filename, WAV.read())
    with pipeline.deaf():
        version = pipeline.put(track.key, WAV.read())
        pipeline.delete(track.key, version)

    pipeline.tell("Scan", pipeline.arrival((track.key, version)))

    assert_at_rest(pipeline, artist, track.track_id)
    ended = artist.track(track.track_id)
    assert (ended["state"], ended["state_reason"]["code"]) == ("failed", "object_gone")
    assert [entry["outcome"] for entry in pipeline.said("Scan", key=track.key)] == ["gone"]
    assert [m for m in pipeline.dead_letters("Scan") if track.track_id in m["Body"]] == []


@pytest.mark.parametrize("name", ["a song+100% é 歌.wav", "a%20b", "a%2520b+", "x&y=z?#<>\"'", "\U0001f3b5/ "])
def test_fault_05_keys_are_decoded_once_and_objects_of_others_left_alone(pipeline: Pipeline, name: str) -> None:
    key = f"incoming/{name}"

    pipeline.put(key, WAV.read())

    pipeline.rest()
    assert [entry["outcome"] for entry in pipeline.said("Scan", key=key)] == ["discarded"]


def test_fault_06_the_test_message_of_s3_is_acknowledged(pipeline: Pipeline) -> None:
    body = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": pipeline.bucket("Uploads")})

    assert pipeline.invoke("Scan", pipeline.handed("Scan", body)) == {"batchItemFailures": []}


def test_fault_06_several_records_in_one_message_are_all_worked_on(pipeline: Pipeline, artist: Artist) -> None:
    with pipeline.deaf():
        tracks = [pipeline.upload(artist, sample.filename, sample.read()) for sample in (WAV, OTHER)]
    foreign = ("somewhere/else", "v1")

    pipeline.tell("Scan", pipeline.arrival(foreign, *((t.key, pipeline.newest_version(t.key)) for t in tracks)))

    assert_at_rest(pipeline, artist, *(track.track_id for track in tracks))
    assert {artist.track(track.track_id)["state"] for track in tracks} == {"ready"}


def test_fault_06_records_of_other_buckets_are_left_alone(pipeline: Pipeline, artist: Artist) -> None:
    track = pipeline.announce(artist, WAV.filename, WAV.read())

    pipeline.tell("Scan", s3_event(pipeline.bucket("Media"), (track.key, "v1")))

    pipeline.rest()
    assert [entry["outcome"] for entry in pipeline.said("Scan", key=track.key)] == ["discarded"]
    assert artist.track(track.track_id)["state"] == "draft"


def test_fault_06_the_end_of_a_multipart_upload_is_an_arrival(pipeline: Pipeline, artist: Artist) -> None:
    data = cached("multipart.wav", _seventeen_mebibytes).read_bytes()
    track = pipeline.announce(artist, "multipart.wav", data)
    assert len(track.upload["parts"]) == 2

    sent = artist.send(track.upload, data)
    with ThreadPoolExecutor(3) as pool:
        again = list(pool.map(lambda _: _complete(artist, track.upload, sent.request.content), range(3)))

    assert set(again) == {200}
    assert_at_rest(pipeline, artist, track.track_id)
    assert artist.track(track.track_id)["state"] == "ready"


def _complete(artist: Artist, upload: dict[str, str], body: bytes) -> int:
    return artist.http.post(
        f"{artist.cloud.api_url}/uploads/{upload['upload_id']}/complete",
        content=body,
        headers={"content-type": "application/json"},
    ).status_code


def _seventeen_mebibytes(path: object) -> None:
    """Six seconds only: at 192 kHz and 64 bits they are large enough."""
    ffmpeg("-f", "lavfi", "-i", "sine=f=440:r=192000:d=6", "-ac", "2", "-c:a", "pcm_f64le", str(path))
