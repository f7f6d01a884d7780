"""The same event again, out of order, or with something dead in the middle (the numbers are reliability.md's)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.domain.errors import ScannerUnavailable
from core.domain.reasons import ReasonCode
from core.domain.tracks import StoredObject, TrackState
from core.domain.verdicts import Verdict
from scan.held import LEASE_S, claim
from scan.service import Outcome
from tests import corpus
from tests.fakes.objects import FakeObject
from tests.integration.scan.conftest import ScanRoom, while_scanning


def test_fault_1_the_same_event_five_times_at_once_is_one_scan(room: ScanRoom) -> None:
    track, obj = room.arrived()

    with ThreadPoolExecutor(5) as pool:
        outcomes = list(pool.map(lambda _: room.scan(obj), range(5)))

    assert outcomes.count(Outcome.PROMOTED) == 1
    assert set(outcomes) <= {Outcome.PROMOTED, Outcome.HELD, Outcome.DUPLICATE}
    assert room.events() == ["track.scanned.v1"]
    assert len(room.scanner.scanned) == 1
    assert room.now(track).state is TrackState.TRANSCODING


def test_fault_2_the_newest_version_wins_whatever_the_order_of_events(room: ScanRoom) -> None:
    sample = corpus.sample("wav-16")
    track = room.announce(sample)
    first, second = room.arrive(track, b"an earlier version"), room.arrive(track, sample.read())

    assert room.scan(second) is Outcome.PROMOTED
    assert room.scan(first) is Outcome.SUPERSEDED
    assert room.now(track).incoming == second


def test_fault_2_an_older_version_is_superseded_before_it_is_read(room: ScanRoom) -> None:
    sample = corpus.sample("wav-16")
    track = room.announce(sample)
    first, second = room.arrive(track, b"an earlier version"), room.arrive(track, sample.read())

    assert room.scan(first) is Outcome.SUPERSEDED
    assert room.now(track).state is TrackState.DRAFT
    assert room.scan(second) is Outcome.PROMOTED


def test_fault_2_a_newer_version_takes_the_track_from_the_worker_of_the_older(room: ScanRoom) -> None:
    sample = corpus.sample("wav-16")
    track, first = room.arrived()
    newer: list[StoredObject] = []

    def a_newer_version_arrives() -> None:
        newer.append(room.arrive(track, sample.read()))
        assert room.scan(newer[0]) is Outcome.PROMOTED

    while_scanning(room, a_newer_version_arrives)

    assert room.scan(first) is Outcome.LOST
    assert room.now(track).incoming == newer[0]
    assert room.events() == ["track.scanned.v1"]


def test_a_track_saved_by_somebody_else_at_the_moment_of_the_claim_is_claimed_all_the_same(room: ScanRoom) -> None:
    """The artist's `complete` and the event of the object often come in the same instant."""
    track, obj = room.arrived()
    room.change(track, state=TrackState.UPLOADED)

    held = claim(track, obj, tracks=room.tracks, clock=room.clock)

    assert held is not None
    assert (held.track.state, room.now(track).incoming) == (TrackState.SCANNING, obj)


def test_fault_2_a_claim_overtaken_by_that_of_a_newer_version_gives_way(room: ScanRoom) -> None:
    track, older = room.arrived()
    newer = room.arrive(track, b"a newer version")
    assert claim(room.now(track), newer, tracks=room.tracks, clock=room.clock) is not None

    assert claim(track, older, tracks=room.tracks, clock=room.clock) is None
    assert room.now(track).incoming == newer


def test_a_track_that_ended_at_the_moment_of_the_claim_is_left_alone(room: ScanRoom) -> None:
    track, obj = room.arrived()
    room.change(track, state=TrackState.REJECTED, reason=ReasonCode.NOT_AUDIO)

    assert claim(track, obj, tracks=room.tracks, clock=room.clock) is None
    assert room.now(track).state is TrackState.REJECTED


def test_fault_4_an_object_that_is_gone_ends_the_track(room: ScanRoom) -> None:
    track, obj = room.arrived()
    room.store.delete(obj)

    assert room.scan(obj) is Outcome.GONE
    assert (room.now(track).state, room.now(track).reason) == (TrackState.FAILED, ReasonCode.OBJECT_GONE)
    assert room.scan(obj) is Outcome.DUPLICATE
    assert room.events() == ["track.failed.v1"]


def test_fault_9_a_worker_killed_before_its_save_is_followed_by_one_that_ends_the_same(room: ScanRoom) -> None:
    track, obj = room.arrived()

    class Killed(BaseException):
        """As SIGKILL: nothing of ours runs any more."""

    def die() -> None:
        raise Killed

    while_scanning(room, die)
    with pytest.raises(Killed):
        room.scan(obj)

    assert room.scan(obj) is Outcome.HELD
    room.clock.advance(LEASE_S + 1)
    assert room.scan(obj) is Outcome.PROMOTED
    assert room.events() == ["track.scanned.v1"]
    assert room.now(track).state is TrackState.TRANSCODING


def test_fault_9_a_worker_killed_before_deleting_leaves_that_to_the_next_event(room: ScanRoom) -> None:
    sample = corpus.bad_sample("text")
    track = room.announce(sample)
    obj = room.arrive(track, sample.read())
    room.scan(obj)
    room.store.versions[obj] = FakeObject(body=sample.read())

    assert room.scan(obj) is Outcome.DUPLICATE
    assert room.keys("uploads") == []


@pytest.mark.parametrize("verdict", [Verdict.STALE, Verdict.ERROR])
def test_fault_14_without_a_usable_verdict_the_track_waits(room: ScanRoom, verdict: Verdict) -> None:
    track, obj = room.arrived()
    room.scanner.verdict = verdict

    with pytest.raises(ScannerUnavailable):
        room.scan(obj)

    assert room.now(track).state is TrackState.SCANNING
    assert room.keys("originals") == []
    report = room.health()
    assert report is not None
    assert not report.ok

    room.scanner.verdict = None
    assert room.scan(obj) is Outcome.PROMOTED
    recovered = room.health()
    assert recovered is not None
    assert recovered.ok


def test_fault_14_a_dead_scanner_keeps_the_track_waiting_and_says_why(room: ScanRoom) -> None:
    track, obj = room.arrived()
    room.scanner.fault = ScannerUnavailable("There are no virus definitions.")

    with pytest.raises(ScannerUnavailable):
        room.scan(obj)

    waiting = room.now(track)
    assert waiting.lease_until is None
    assert waiting.deadline is not None
    report = room.health()
    assert report is not None
    assert report.detail == "There are no virus definitions."
