"""An object arrived: what becomes of it and of its track."""

import pytest

from core.domain.errors import ScannerUnavailable, StorageUnavailable
from core.domain.limits import MAX_REDRIVES
from core.domain.reasons import ReasonCode
from core.domain.tracks import StoredObject, TrackState
from core.domain.verdicts import Verdict
from scan import spool
from scan.held import LEASE_S
from scan.service import Outcome
from tests import corpus
from tests.corpus import eicar
from tests.integration.scan.conftest import ScanRoom, key_of, while_scanning


def test_clean_audio_is_promoted_and_goes_on_to_the_transcoder(room: ScanRoom) -> None:
    track, obj = room.arrived("flac-16")

    assert room.scan(obj) is Outcome.PROMOTED

    scanned = room.now(track)
    assert scanned.state is TrackState.TRANSCODING
    assert scanned.source is not None
    assert scanned.source.samples == corpus.sample("flac-16").samples
    assert scanned.original is not None
    assert scanned.original.key == f"{track.id}/{scanned.sha256}"
    assert room.store.newest("originals", scanned.original.key).body == corpus.sample("flac-16").read()
    assert room.events() == ["track.scanned.v1"]
    verdict = room.verdict(obj)
    assert verdict is not None
    assert (verdict.verdict, verdict.sha256) == (Verdict.CLEAN, scanned.sha256)


def test_malware_is_locked_away_and_nobody_reads_it_again(room: ScanRoom) -> None:
    sample = corpus.bad_sample("eicar-behind-wav")
    track = room.announce(sample)
    obj = room.arrive(track, sample.read())

    assert room.scan(obj) is Outcome.REJECTED

    rejected = room.now(track)
    assert (rejected.state, rejected.reason) == (TrackState.REJECTED, ReasonCode.INFECTED)
    assert room.keys("quarantine") == [f"{track.id}/{track.upload_id}"]
    assert room.keys("uploads") == []
    assert room.keys("originals") == []
    assert room.events() == ["track.rejected.v1"]
    verdict = room.verdict(obj)
    assert verdict is not None
    assert (verdict.verdict, verdict.signature) == (Verdict.INFECTED, "Eicar-Test-Signature")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("jpeg-as-flac", ReasonCode.NOT_AUDIO),
        ("truncated-flac-16", ReasonCode.TRUNCATED),
        ("flac-16-then-zip", ReasonCode.TRAILING_BYTES),
        ("header-only-wav", ReasonCode.EMPTY),
        ("empty", ReasonCode.EMPTY),
    ],
)
def test_what_is_no_good_audio_is_refused_and_deleted(room: ScanRoom, name: str, reason: ReasonCode) -> None:
    sample = corpus.bad_sample(name)
    track = room.announce(sample)
    obj = room.arrive(track, sample.read())

    assert room.scan(obj) is Outcome.REJECTED

    assert room.now(track).reason is reason
    assert (room.keys("uploads"), room.keys("originals"), room.keys("quarantine")) == ([], [], [])


def test_other_bytes_than_announced_are_refused(room: ScanRoom) -> None:
    track, obj = room.arrived(sha256="0" * 64)

    assert room.scan(obj) is Outcome.REJECTED
    assert room.now(track).reason is ReasonCode.CORRUPT


def test_another_size_than_announced_is_refused(room: ScanRoom) -> None:
    track, obj = room.arrived(size_bytes=17)

    assert room.scan(obj) is Outcome.REJECTED
    assert room.now(track).reason is ReasonCode.CORRUPT


def test_malware_is_malware_even_if_other_bytes_were_announced(room: ScanRoom) -> None:
    track = room.announce(corpus.sample("wav-16"), sha256="0" * 64)

    room.scan(room.arrive(track, eicar()))

    assert room.now(track).reason is ReasonCode.INFECTED


def test_what_the_engine_cannot_look_into_is_refused(room: ScanRoom) -> None:
    track, obj = room.arrived()
    room.scanner.verdict = Verdict.UNSCANNABLE

    assert room.scan(obj) is Outcome.REJECTED
    assert room.now(track).reason is ReasonCode.UNSCANNABLE
    assert room.keys("originals") == []


def test_a_track_that_was_swept_too_often_fails_and_may_be_retried(room: ScanRoom) -> None:
    track, obj = room.arrived()
    room.scanner.fault = ScannerUnavailable("The virus scanner does not answer.")
    room.change(track, redrives=MAX_REDRIVES)

    assert room.scan(obj) is Outcome.FAILED
    assert room.now(track).reason is ReasonCode.SCAN_FAILED

    room.scanner.fault = None
    room.tracks.save(room.now(track).retried(room.clock.now()), now=room.clock.now())
    assert room.scan(obj) is Outcome.PROMOTED
    assert room.events() == ["track.failed.v1", "track.scanned.v1"]


def test_storage_that_fails_gives_the_track_back_at_once(room: ScanRoom) -> None:
    _, obj = room.arrived()

    def storage_breaks() -> None:
        room.store.fault = StorageUnavailable("down")

    while_scanning(room, storage_breaks)
    with pytest.raises(StorageUnavailable):
        room.scan(obj)
    room.store.fault = None

    assert room.scan(obj) is Outcome.PROMOTED
    assert room.events() == ["track.scanned.v1"]


def test_a_title_changed_during_the_scan_is_kept(room: ScanRoom) -> None:
    track, obj = room.arrived()
    while_scanning(room, lambda: room.change(track, title="A better one"))

    assert room.scan(obj) is Outcome.PROMOTED
    assert room.now(track).title == "A better one"


def test_a_track_deleted_during_the_scan_stays_deleted(room: ScanRoom) -> None:
    track, obj = room.arrived()
    while_scanning(room, lambda: room.change(track, deleted_at=room.clock.now()))

    assert room.scan(obj) is Outcome.LOST
    assert room.now(track).deleted_at is not None
    assert room.events() == []


@pytest.mark.parametrize(
    ("bucket", "key"),
    [
        ("elsewhere", "incoming/{track}/{upload}"),
        ("uploads", "incoming/{track}/{other}"),
        ("uploads", "incoming/{other}/{upload}"),
        ("uploads", "somewhere/else.wav"),
    ],
)
def test_objects_that_are_not_ours_are_left_alone(room: ScanRoom, bucket: str, key: str) -> None:
    track, _ = room.arrived()
    other = "01900000-0000-7000-8000-000000000000"
    named = key.format(track=track.id, upload=track.upload_id, other=other)
    stranger = room.store.add(bucket, named, b"whatever")

    assert room.scan(stranger) is Outcome.DISCARDED
    assert room.now(track).state is TrackState.DRAFT


def test_a_deleted_track_is_not_scanned(room: ScanRoom) -> None:
    track, obj = room.arrived()
    room.change(track, deleted_at=room.clock.now())

    assert room.scan(obj) is Outcome.DISCARDED


def test_a_rescan_takes_the_newest_version(room: ScanRoom) -> None:
    track, obj = room.arrived()

    assert room.service.scan_object("uploads", key_of(track), None) is Outcome.PROMOTED
    assert room.now(track).incoming == obj


def test_a_long_read_shows_its_progress_and_keeps_the_lease(room: ScanRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "RANGE_BYTES", 200_000)
    monkeypatch.setattr(spool, "RANGES_AHEAD", 1)  # the clock of this test runs while a range is read
    track, obj = room.arrived()
    read_range, rival_outcomes, percents = room.store.read_range, [], []

    def slow(obj: StoredObject, start: int, end: int) -> bytes:
        room.clock.advance(150)
        return read_range(obj, start, end)

    def somebody_else_looks() -> None:
        progress = room.now(track).progress
        percents.append(progress.percent if progress else None)
        rival_outcomes.append(room.scan(obj))

    monkeypatch.setattr(room.store, "read_range", slow)
    while_scanning(room, somebody_else_looks)

    assert room.scan(obj) is Outcome.PROMOTED
    assert rival_outcomes == [Outcome.HELD]
    assert percents == [100]


def test_a_worker_that_was_too_slow_loses_the_track(room: ScanRoom) -> None:
    _, obj = room.arrived()

    def another_finishes_first() -> None:
        room.clock.advance(LEASE_S + 1)
        assert room.scan(obj) is Outcome.PROMOTED

    while_scanning(room, another_finishes_first)

    assert room.scan(obj) is Outcome.LOST
    assert room.events() == ["track.scanned.v1"]
