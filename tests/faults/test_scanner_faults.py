"""Fault 14 with the real clamd and real rows: whatever is wrong with it or its definitions, uploads wait, unheard."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.domain.errors import ScannerUnavailable
from core.domain.tracks import Track, TrackState
from core.messages.definitions import DEFINITIONS_POINTER
from core.telemetry import get_logger
from dev import tools
from scan import clamav
from scan.clamav import ClamavScanner
from scan.definitions import PublishedDefinitions
from scan.service import Outcome
from tests import corpus
from tests.builders import NOW
from tests.fakes.clock import FakeClock
from tests.fakes.publisher import BUCKET, Publisher
from tests.faults.workshop import Workshop

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WAV = corpus.sample("wav-16")
MAX_AGE_H = 48


@dataclass(kw_only=True)
class Hospital(Workshop):
    """A workshop whose scanner is the real one, on definitions that can be spoiled."""

    scanner: ClamavScanner
    publisher: Publisher

    def spoil_file(self) -> None:
        self.publisher.store.add(BUCKET, self.publisher.publish(extra="A:0:*:aabbccddee\n").files[0].key, b"else")

    def spoil_pointer(self) -> None:
        self.publisher.store.add(BUCKET, DEFINITIONS_POINTER, b"{")

    def withdraw(self) -> None:
        self.publisher.store.delete_prefix(BUCKET, "definitions/")

    def age(self) -> None:
        self.clock.advance(MAX_AGE_H * 3600 + 1)

    def signal_clamd(self, number: signal.Signals) -> None:
        assert self.scanner._engine is not None
        process = self.scanner._engine.daemon._process
        os.killpg(process.pid, number)
        if number is signal.SIGKILL:
            process.wait(10)


@pytest.fixture
def hospital(
    dynamodb: "DynamoDBClient", tables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hospital]:
    monkeypatch.setattr(clamav, "POINTER_CHECK_S", -1)
    clock = FakeClock(NOW)
    publisher = Publisher(tmp_path, clock)
    scanner = ClamavScanner(
        str(tools.clamd()),
        PublishedDefinitions(publisher.store, BUCKET),
        max_age_h=MAX_AGE_H,
        clock=clock,
        logger=get_logger("test"),
    )
    yield Hospital(dynamodb=dynamodb, tables=tables, scanner=scanner, clock=clock, publisher=publisher)
    scanner.close()


def assert_waits(hospital: Hospital, track: Track) -> None:
    """Nobody decided anything, nothing was promoted, and the next try may begin at once."""
    now = hospital.now(track)
    assert (now.state, now.lease_until, now.original) == (TrackState.SCANNING, None, None)
    assert (hospital.keys("originals"), hospital.keys("quarantine"), hospital.events(track)) == ([], [], [])


@pytest.mark.parametrize(
    "break_it",
    [
        pytest.param(Hospital.withdraw, id="missing"),
        pytest.param(Hospital.spoil_pointer, id="corrupt-pointer"),
        pytest.param(Hospital.spoil_file, id="corrupt-file"),
        pytest.param(Hospital.age, id="old"),
    ],
)
def test_fault_14_definitions_that_are_no_good_keep_uploads_waiting(
    hospital: Hospital, break_it: Callable[[Hospital], None]
) -> None:
    hospital.publisher.publish()
    break_it(hospital)
    track, obj = hospital.arrived(WAV.filename, WAV.read())

    with pytest.raises(ScannerUnavailable):
        hospital.scan(obj)
    assert_waits(hospital, track)

    hospital.publisher.publish()
    assert hospital.scan(obj) is Outcome.PROMOTED


def test_fault_14_old_definitions_still_find_what_they_know(hospital: Hospital) -> None:
    hospital.publisher.publish()
    hospital.age()
    _, obj = hospital.arrived("song.wav", corpus.bad_sample("eicar").read())
    assert hospital.scan(obj) is Outcome.REJECTED


def test_fault_14_a_dead_clamd_is_replaced_unnoticed(hospital: Hospital) -> None:
    hospital.publisher.publish()
    hospital.scanner.definitions()
    hospital.signal_clamd(signal.SIGKILL)
    _, obj = hospital.arrived(WAV.filename, WAV.read())
    assert hospital.scan(obj) is Outcome.PROMOTED


def test_fault_14_a_hung_clamd_keeps_the_upload_waiting_and_is_replaced(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    hospital.publisher.publish()
    hospital.scanner.definitions()
    hospital.signal_clamd(signal.SIGSTOP)
    track, obj = hospital.arrived(WAV.filename, WAV.read())

    with monkeypatch.context() as hurry:
        hurry.setattr(clamav, "SCAN_TIMEOUT_S", 0.3)
        with pytest.raises(ScannerUnavailable):
            hospital.scan(obj)
    assert_waits(hospital, track)

    assert hospital.scan(obj) is Outcome.PROMOTED


def test_fault_14_a_slow_clamd_is_waited_for(hospital: Hospital) -> None:
    hospital.publisher.publish()
    hospital.scanner.definitions()
    hospital.signal_clamd(signal.SIGSTOP)
    waking = threading.Timer(1.0, hospital.signal_clamd, [signal.SIGCONT])
    waking.start()
    _, obj = hospital.arrived("song.wav", corpus.bad_sample("eicar-behind-wav").read())

    assert hospital.scan(obj) is Outcome.REJECTED
    waking.join()


def test_fault_14_a_clamd_that_outlives_the_lease_loses_the_track_to_the_next(hospital: Hospital) -> None:
    """It answers after the lease ended and the sweep gave the track to another worker: its verdict is void."""
    hospital.publisher.publish()
    track, obj = hospital.arrived(WAV.filename, WAV.read())
    scan = hospital.scanner.scan

    def late(file):  # type: ignore[no-untyped-def]
        answer = scan(file)
        taken = hospital.now(track)
        hospital.tracks.save(replace(taken, lease_until=hospital.clock.advance(900)), now=hospital.clock.now())
        return answer

    hospital.scanner.scan = late  # type: ignore[method-assign]
    assert hospital.scan(obj) is Outcome.LOST
    assert hospital.events(track) == []
