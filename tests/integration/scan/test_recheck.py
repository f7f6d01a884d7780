"""Definitions changed: a promoted original is scanned again; what is found is withdrawn, whatever happens meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.domain.errors import ScannerUnavailable, StorageUnavailable
from core.domain.ids import EpochSeconds, TrackId, new_id
from core.domain.reasons import ReasonCode
from core.domain.tracks import StoredObject, Track, TrackState
from core.domain.verdicts import Definitions, Verdict
from scan.recheck import Recheck, RecheckService
from tests.builders import NOW, a_failed_track, a_ready_track, a_scanned_track, an_upload
from tests.fakes.scanner import EICAR
from tests.integration.scan.conftest import ScanRoom

CLEAN, MALWARE = b"RIFF and so on", b"RIFF" + EICAR
NEWER = Definitions(version="fake-2", built_at=NOW, signatures=2, source="builtin")


@pytest.fixture
def service(room: ScanRoom) -> RecheckService:
    room.scanner.known = NEWER
    return RecheckService(
        tracks=room.tracks,
        store=room.store,
        examiner=room.service.examiner,
        clock=room.clock,
        quarantine_bucket="quarantine",
        media_bucket="media",
    )


def promoted(room: ScanRoom, content: bytes, track: Track | None = None, **changes: Any) -> Track:
    """A track (ready, unless another is given) with its original and its media in place."""
    track = track or a_ready_track()
    original = room.store.add("originals", f"{track.id}/{track.sha256}", content)
    arrived = room.store.add("uploads", f"incoming/{track.id}/{track.upload_id}", content)
    track = replace(track, original=original, incoming=arrived, scanned_at=NOW, **changes)
    room.tracks.create(track, an_upload(track))
    for name in ("master.m3u8", "aac-128/0.m4s"):
        room.store.add("media", f"{track.id}/{name}", b"audio")
    return track


def original_of(track: Track) -> StoredObject:
    assert track.original is not None
    return track.original


def assert_withdrawn(room: ScanRoom, track: Track) -> None:
    now = room.now(track)
    assert (now.state, now.reason, now.deadline) == (TrackState.REJECTED, ReasonCode.INFECTED, None)
    assert (room.keys("media"), room.keys("originals")) == ([], [])
    assert f"incoming/{track.id}/{track.upload_id}" not in room.keys("uploads")
    assert set(room.keys("quarantine")) == {f"{track.id}/{track.upload_id}"}
    assert room.events() == ["track.rejected.v1"]
    verdict = room.verdict(original_of(track))
    assert verdict is not None
    assert (verdict.verdict, verdict.definitions_version) == (Verdict.INFECTED, "fake-2")
    assert room.tracks.scanned_on(NOW, after=None, limit=9) == []


def test_what_is_still_clean_keeps_its_place(room: ScanRoom, service: RecheckService) -> None:
    track = promoted(room, CLEAN)

    assert service.recheck(track.id) is Recheck.CLEAN

    assert room.now(track) == track
    assert len(room.keys("media")) == 2
    verdict = room.verdict(original_of(track))
    assert verdict is not None
    assert (verdict.verdict, verdict.definitions_version) == (Verdict.CLEAN, "fake-2")
    assert room.events() == []


@pytest.mark.parametrize("state", [TrackState.TRANSCODING, TrackState.PLAYABLE, TrackState.READY])
def test_what_is_found_now_is_withdrawn(room: ScanRoom, service: RecheckService, state: TrackState) -> None:
    track = promoted(room, MALWARE, state=state)
    other = promoted(room, CLEAN)

    assert service.recheck(track.id) is Recheck.WITHDRAWN

    assert room.keys("media") == [f"{other.id}/master.m3u8", f"{other.id}/aac-128/0.m4s"]
    assert room.keys("originals") == [original_of(other).key]
    room.store.delete_prefix("media", other.id)
    room.store.delete(original_of(other))
    room.change(other, scanned_at=None)
    assert_withdrawn(room, track)


def test_asked_twice_it_tells_once(room: ScanRoom, service: RecheckService) -> None:
    track = promoted(room, MALWARE)

    assert [service.recheck(track.id) for _ in range(2)] == [Recheck.WITHDRAWN, Recheck.FINISHED]

    assert_withdrawn(room, track)


@pytest.mark.parametrize("dies_at", ["copy", "save", "delete_prefix", "delete"])
@pytest.mark.parametrize("before", [True, False])
def test_11_the_retry_repairs_a_crash_anywhere(
    room: ScanRoom, service: RecheckService, monkeypatch: pytest.MonkeyPatch, dies_at: str, before: bool
) -> None:
    track = promoted(room, MALWARE)
    target: Any = room.tracks if dies_at == "save" else room.store
    whole: Callable[..., Any] = getattr(target, dies_at)

    def dies(*args: Any, **kwargs: Any) -> None:
        monkeypatch.setattr(target, dies_at, whole)
        if not before:
            whole(*args, **kwargs)
        raise StorageUnavailable("The power went.")

    monkeypatch.setattr(target, dies_at, dies)
    with pytest.raises(StorageUnavailable):
        service.recheck(track.id)
    assert service.recheck(track.id) in {Recheck.WITHDRAWN, Recheck.FINISHED}

    assert_withdrawn(room, track)


def test_segments_that_a_transcoder_still_writes_are_removed_by_the_retry(
    room: ScanRoom, service: RecheckService
) -> None:
    held = a_scanned_track(lease_until=EpochSeconds(room.clock.now() + 900))
    track = promoted(room, MALWARE, held)

    with pytest.raises(StorageUnavailable):
        service.recheck(track.id)
    room.store.add("media", f"{track.id}/aac-128/1.m4s", b"audio")
    assert service.recheck(track.id) is Recheck.FINISHED

    assert_withdrawn(room, track)


def test_a_new_title_meanwhile_does_not_save_it(
    room: ScanRoom, service: RecheckService, monkeypatch: pytest.MonkeyPatch
) -> None:
    track = promoted(room, MALWARE)
    copy = room.store.copy

    def renamed(source: StoredObject, bucket: str, key: str) -> StoredObject:
        room.change(track, title="Another")
        return copy(source, bucket, key)

    monkeypatch.setattr(room.store, "copy", renamed)
    assert service.recheck(track.id) is Recheck.WITHDRAWN
    assert room.now(track).title == "Another"
    assert_withdrawn(room, track)


@pytest.mark.parametrize("ended", ["deleted", "failed", "rejected", "unknown", "no original"])
def test_there_is_nothing_to_do_for_what_has_ended(room: ScanRoom, service: RecheckService, ended: str) -> None:
    track = {
        "deleted": a_ready_track().deleted(NOW),
        "failed": a_failed_track(sha256="5" * 64),
        "rejected": a_ready_track(state=TrackState.REJECTED, reason=ReasonCode.CORRUPT),
    }.get(ended, a_ready_track())
    if ended != "unknown":
        track = promoted(room, MALWARE, track)
    if ended == "no original":
        room.change(track, original=None)

    assert service.recheck(TrackId(new_id()) if ended == "unknown" else track.id) is Recheck.VOID
    assert (room.scanner.scanned, room.keys("quarantine"), room.events()) == ([], [], [])


def test_an_original_that_is_gone_is_nothing_to_do(room: ScanRoom, service: RecheckService) -> None:
    track = promoted(room, MALWARE)
    room.store.delete(original_of(track))

    assert service.recheck(track.id) is Recheck.VOID
    assert room.now(track) == track


@pytest.mark.parametrize("verdict", [Verdict.STALE, Verdict.ERROR])
def test_14_no_answer_decides_nothing(room: ScanRoom, service: RecheckService, verdict: Verdict) -> None:
    track = promoted(room, MALWARE)
    room.scanner.verdict = verdict

    with pytest.raises(ScannerUnavailable):
        service.recheck(track.id)
    assert room.now(track) == track
    assert room.verdict(original_of(track)) is None


def test_what_the_engine_cannot_look_into_any_more_stays(room: ScanRoom, service: RecheckService) -> None:
    track = promoted(room, CLEAN)
    room.scanner.verdict = Verdict.UNSCANNABLE

    assert service.recheck(track.id) is Recheck.UNDECIDED
    assert room.now(track) == track


def test_the_first_scan_notes_the_day(room: ScanRoom) -> None:
    track, obj = room.arrived()
    room.scan(obj)

    now = room.clock.now()
    assert room.now(track).scanned_at == now
    assert room.tracks.scanned_on(now, after=None, limit=9) == [track.id]
    assert room.tracks.scanned_on(EpochSeconds(now - 86_400), after=None, limit=9) == []


def test_a_purge_forgets_the_verdicts_on_the_original(room: ScanRoom, service: RecheckService) -> None:
    track = promoted(room, CLEAN)
    service.recheck(track.id)
    room.tracks.purge(track.id)
    assert room.verdict(original_of(track)) is None
