"""Fault 15: ffmpeg hangs, lies or runs out of room, or the bits are wrong; every track gets an end with a reason."""

import errno
import io
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from core.domain.errors import EncoderFailed, StorageUnavailable
from core.domain.reasons import ReasonCode
from core.domain.tracks import Track, TrackState
from dev import tools
from scan import spool
from scan.service import Outcome as ScanOutcome
from tests import corpus
from tests.faults.workshop import Workshop
from transcode.ffmpeg import Ffmpeg, Limits
from transcode.work import Outcome

WAV = corpus.sample("wav-8-mono-8k")
Program = Callable[[str], Ffmpeg]
HANG = "exec sleep 60"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """An engine whose measuring run is a shell script; $FFMPEG is the real one."""

    def written(script: str) -> Ffmpeg:
        path = tmp_path / "ffmpeg"
        path.write_text(
            f'#!/bin/sh\nFFMPEG={tools.ffmpeg()}\ncase "$*" in *ebur128*) {script} ;; esac\nexec "$FFMPEG" "$@"\n'
        )
        path.chmod(0o700)
        return Ffmpeg(str(path), Limits(wall_s=1 if script == HANG else 60))

    return written


@pytest.fixture
def scanned(workshop: Workshop) -> Track:
    return workshop.scanned(WAV.filename, WAV.read())


def assert_nothing_is_left(workshop: Workshop, track: Track) -> None:
    assert workshop.media_of(track) == {}
    assert workshop.now(track).media is None
    assert workshop.now(track).deadline is None


def test_fault_15_an_ffmpeg_that_hangs_is_tried_again_and_then_owned_up_to(
    workshop: Workshop, scanned: Track, program: Program
) -> None:
    hung = program(HANG)

    with pytest.raises(EncoderFailed, match="stopped after"):
        workshop.transcode(scanned, hung)
    waiting = workshop.now(scanned)
    assert (waiting.state, waiting.lease_until) == (TrackState.PLAYABLE, None)

    assert workshop.transcode(scanned, hung, last_try=True) is Outcome.FAILED
    ended = workshop.now(scanned)
    assert (ended.state, ended.reason) == (TrackState.FAILED, ReasonCode.TRANSCODE_FAILED)
    assert workshop.events(scanned) == ["track.scanned", "track.playable", "track.failed"]
    assert_nothing_is_left(workshop, scanned)


def test_fault_15_what_failed_for_our_reasons_can_be_retried_to_ready(
    workshop: Workshop, scanned: Track, program: Program
) -> None:
    workshop.transcode(scanned, program(HANG), last_try=True)

    now = workshop.clock.now()
    workshop.tracks.save(workshop.now(scanned).retried(now), now=now)

    assert workshop.transcode(scanned) is Outcome.READY


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ('exec "$FFMPEG" -t 1 "$@"', ReasonCode.TRUNCATED),
        ("exit 0", ReasonCode.EMPTY),
        ("echo 'Invalid data found when processing input' >&2; exit 0", ReasonCode.CORRUPT),
    ],
    ids=["a second only", "nothing at all", "a complaint"],
)
def test_fault_15_exit_code_0_is_not_believed(
    workshop: Workshop, scanned: Track, program: Program, script: str, reason: ReasonCode
) -> None:
    outcome = workshop.transcode(scanned, program(script))

    assert outcome is Outcome.REJECTED
    assert workshop.now(scanned).reason is reason
    assert workshop.events(scanned) == ["track.scanned", "track.playable", "track.rejected"]
    assert_nothing_is_left(workshop, scanned)


@pytest.mark.parametrize("said", ["No space left on device", "Cannot allocate memory", "Too many open files"])
def test_fault_15_a_machine_that_is_full_is_never_the_artists_fault(
    workshop: Workshop, scanned: Track, program: Program, said: str
) -> None:
    full = program(f"echo '[out#0/mp4 @ 0x55d0] Error writing trailer: {said}' >&2; exit 228")

    with pytest.raises(EncoderFailed):
        workshop.transcode(scanned, full)

    assert workshop.now(scanned).state is TrackState.PLAYABLE
    assert workshop.transcode(scanned, full, last_try=True) is Outcome.FAILED
    assert workshop.now(scanned).reason is ReasonCode.TRANSCODE_FAILED


class FullDisk(io.BytesIO):
    """Has room for nothing."""

    def write(self, data: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_fault_15_a_full_disk_under_the_scan_makes_the_track_wait(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    track, obj = workshop.arrived(WAV.filename, WAV.read())

    def full(_size: int) -> BinaryIO:
        return FullDisk()

    with monkeypatch.context() as disk:
        disk.setattr(spool, "_open", full)
        with pytest.raises(StorageUnavailable, match="no room"):
            workshop.scan(obj)
    waiting = workshop.now(track)
    assert (waiting.state, waiting.lease_until) == (TrackState.SCANNING, None)
    assert workshop.keys("originals") == []

    assert workshop.scan(obj) is ScanOutcome.PROMOTED


@pytest.mark.parametrize("name", ["bit-flipped-flac", "bit-flipped-flac-24"])
def test_fault_15_flipped_bits_are_rejected_and_leave_nothing_behind(workshop: Workshop, name: str) -> None:
    bad = corpus.bad_sample(name)
    track = workshop.scanned(bad.filename, bad.read())

    assert workshop.transcode(track) is Outcome.REJECTED

    assert workshop.now(track).reason is ReasonCode.CORRUPT
    assert workshop.events(track) == ["track.scanned", "track.rejected"]
    assert_nothing_is_left(workshop, track)
