"""Fault 9: a worker is killed at each of its step boundaries; whoever comes after it ends in the same bytes."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from core.domain.reasons import ReasonCode
from core.domain.tracks import IN_WORK, Track, TrackState
from core.domain.verdicts import Verdict
from core.messages.work import RecheckRequest
from tests.corpus import eicar
from tests.fakes.scanner import FakeScanner
from tests.faults.belt import Belt
from tests.faults.engines import UNDECODABLE
from tests.faults.sounds import brief

HOUR_S = 3600
ENDINGS = ("track.playable", "transcoding.completed", "track.rejected", "track.failed")


@dataclass(frozen=True)
class Left:
    """All that a track leaves behind, wherever it lies."""

    state: TrackState
    reason: ReasonCode | None
    endings: list[str]
    objects: dict[str, list[tuple[str, bytes]]]


CASES = {
    "clean": ("song.wav", brief(), TrackState.READY),
    "infected": ("song.wav", eicar(), TrackState.REJECTED),
    "not audio": ("song.wav", b"Dear Sir or Madam", TrackState.REJECTED),
    "withdrawn": ("song.wav", brief(), TrackState.REJECTED),
    "undecodable": ("song.wav", brief(UNDECODABLE), TrackState.REJECTED),
}


def arrive(belt: Belt, name: str) -> Track:
    filename, data, _ = CASES[name]
    track, obj = belt.workshop.arrived(filename, data)
    belt.arrival(obj)
    return track


def left_by(belt: Belt, track: Track) -> Left:
    now, names = belt.workshop.now(track), (track.id, track.upload_id)
    objects: dict[str, list[tuple[str, bytes]]] = {}
    for obj, stored in belt.workshop.store.versions.items():
        if track.id in obj.key:
            key = obj.key
            for word in names:
                key = key.replace(word, "…")
            objects.setdefault(obj.bucket, []).append((key, stored.body))
    told = [event for event in belt.workshop.events(track) if event in ENDINGS]
    newest = {bucket: sorted(dict(found).items()) for bucket, found in objects.items()}
    return Left(now.state, now.reason, told, newest)


def come_to_rest(belt: Belt, track: Track) -> Left:
    """What failed is delivered again; what was acknowledged too early is found by the sweep."""
    belt.drain()
    for _ in range(3):
        if belt.workshop.now(track).state in IN_WORK:
            belt.workshop.clock.advance(HOUR_S)
            belt.sweep()
            belt.drain()
    return left_by(belt, track)


def killed_everywhere(
    belt: Belt,
    name: str,
    work: Callable[[], object],
    *,
    first: Callable[[Track], object] = lambda _track: None,
    stride: int = 1,
) -> int:
    """Takes fresh tracks through `first` and, killed `stride` boundaries later each time, `work`, until it survives.

    Every one must end as the undisturbed one did. Returns the boundary that it did not reach any more.
    """
    smooth = arrive(belt, name)
    first(smooth)
    work()
    expected = come_to_rest(belt, smooth)
    steps = belt.workshop.steps
    for at in range(1, 200, stride):
        track = arrive(belt, name)
        first(track)
        before = steps.deaths
        steps.arm(at)
        work()
        survived = steps.deaths == before
        assert come_to_rest(belt, track) == expected, f"killed at boundary {at}"
        if survived:
            assert expected.state is CASES[name][2]
            return at
    raise AssertionError("it never survives")


@pytest.mark.parametrize("name", ["clean", "infected", "not audio"])
def test_fault_09_a_scan_killed_at_any_step_ends_as_if_nothing_had_happened(belt: Belt, name: str) -> None:
    assert killed_everywhere(belt, name, lambda: belt.deliver("scan")) > 8


@pytest.mark.parametrize("name", ["clean", "undecodable"])
def test_fault_09_a_transcode_killed_at_any_step_ends_as_if_nothing_had_happened(belt: Belt, name: str) -> None:
    reached = killed_everywhere(belt, name, lambda: belt.deliver("transcode"), first=lambda _: belt.deliver("scan"))

    assert reached > 5


@pytest.mark.parametrize("name", ["clean", "undecodable"])
def test_fault_09_a_part_killed_at_any_step_ends_as_if_nothing_had_happened(belt: Belt, name: str) -> None:
    def has_its_head(_track: Track) -> None:
        belt.deliver("scan")
        belt.deliver("transcode")

    def deliver_a_part() -> None:
        if belt.queues["parts"]:  # a file that is no good has none
            belt.deliver("parts")

    assert killed_everywhere(belt, name, deliver_a_part, first=has_its_head) >= 1


def test_fault_09_a_transcode_with_the_real_encoder_killed_at_any_step_ends_in_the_same_bytes(
    belt: Belt, *, deep: bool
) -> None:
    belt.workshop.encoder = None

    reached = killed_everywhere(
        belt,
        "clean",
        lambda: belt.deliver("transcode"),
        first=lambda _: belt.deliver("scan"),
        stride=1 if deep else 4,
    )

    assert reached > 20


@pytest.mark.parametrize("name", ["clean", "infected", "not audio"])
def test_fault_09_a_sweep_killed_at_any_step_leaves_the_track_to_the_next_one(belt: Belt, name: str) -> None:
    def an_hour_without_the_event(_track: Track) -> None:
        belt.queues["scan"].clear()
        belt.workshop.clock.advance(HOUR_S)

    assert killed_everywhere(belt, name, belt.sweep, first=an_hour_without_the_event) > 4


def test_fault_09_a_withdrawal_killed_at_any_step_is_finished_by_the_next_worker(belt: Belt) -> None:
    """Newer definitions find something in a track that is ready."""
    scanner = belt.workshop.scanner
    assert isinstance(scanner, FakeScanner)

    def becomes_ready_and_then_suspect(track: Track) -> None:
        scanner.verdict = None
        belt.drain()
        assert belt.workshop.now(track).state is TrackState.READY
        scanner.verdict = Verdict.INFECTED
        belt.tell("scan", RecheckRequest(track_id=track.id).model_dump_json())

    reached = killed_everywhere(belt, "withdrawn", lambda: belt.deliver("scan"), first=becomes_ready_and_then_suspect)

    assert reached > 10
