"""Fault 16: DynamoDB throttles, cancels, refuses or answers too late at any call; no effect is lost or comes twice."""

from collections.abc import Callable
from typing import Any

import pytest

from core.domain.tracks import IN_WORK, Track, TrackState
from core.store import writes
from core.store.connection import shared_connection
from tests.corpus import eicar
from tests.dynamodb_line import Line, cancelled, failure
from tests.faults.belt import Belt
from tests.faults.sounds import brief

HOUR_S = 3600
ONE_ROW = frozenset({"PutItem", "UpdateItem"})
FAULTS = {
    "throttled": failure("ProvisionedThroughputExceededException"),
    "away": failure("InternalServerError"),
    "two transactions meet": cancelled("TransactionConflict", "None"),
}


class Relentless(Line):
    """Fails calls number `at` to `at + length - 1`, or makes call `at` go wrong in another way."""

    def __init__(self, real: Any) -> None:
        super().__init__(real)
        self.at = 0
        self.how: Callable[[str, dict[str, Any]], Any] = self.fail
        self.fault: Exception = failure("InternalServerError")

    def __call__(self, operation: str, arguments: dict[str, Any]) -> Any:
        self.calls.append(operation)
        if len(self.calls) == self.at:
            return self.how(operation, arguments)
        return self.real(operation, arguments)

    def arm(self, at: int, how: Callable[[str, dict[str, Any]], Any]) -> None:
        self.calls, self.at, self.how = [], at, how

    def fail(self, _operation: str, _arguments: dict[str, Any]) -> Any:
        raise self.fault

    def lose_the_answer(self, operation: str, arguments: dict[str, Any]) -> Any:
        self.real(operation, arguments)
        raise failure("RequestTimeout")

    def send_again(self, operation: str, arguments: dict[str, Any]) -> Any:
        """As botocore does when an answer was lost. A transaction carries a token that makes its repeat harmless."""
        if operation in ONE_ROW:
            self.real(operation, arguments)
        return self.real(operation, arguments)


@pytest.fixture
def line(belt: Belt, monkeypatch: pytest.MonkeyPatch) -> Relentless:
    client = shared_connection().client
    line = Relentless(client._make_api_call)
    monkeypatch.setattr(client, "_make_api_call", line)
    monkeypatch.setattr(writes, "_BACKOFF_S", 0)
    return line


def come_to_rest(belt: Belt, track: Track) -> tuple[TrackState, list[str], int]:
    belt.drain()
    for _ in range(3):
        if belt.workshop.now(track).state in IN_WORK:
            belt.workshop.clock.advance(HOUR_S)
            belt.sweep()
            belt.drain()
    orders = "track.scanned"  # may be repeated by the sweep: an order, and no news
    told = [event for event in belt.workshop.events(track) if event != orders]
    return belt.workshop.now(track).state, told, len([k for k in belt.workshop.keys("originals") if track.id in k])


def disturbed(belt: Belt, line: Relentless, data: bytes, how: Callable[[str, dict[str, Any]], Any]) -> int:
    """Takes a track through both workers with their n-th call to DynamoDB going wrong, for every n; how many."""
    for at in range(1, 100):
        track, obj = belt.workshop.arrived("song.wav", data)
        belt.arrival(obj)
        line.arm(at, how)
        belt.drain()
        reached = len(line.calls) >= at
        line.arm(0, line.fail)
        if data == brief():
            assert come_to_rest(belt, track) == (TrackState.READY, ["track.playable", "transcoding.completed"], 1)
        else:
            assert come_to_rest(belt, track) == (TrackState.REJECTED, ["track.rejected"], 0)
        if not reached:
            return at - 1
    raise AssertionError("endless calls")


@pytest.mark.parametrize("name", FAULTS)
def test_fault_16_a_call_that_fails_is_made_up_for(belt: Belt, line: Relentless, name: str) -> None:
    line.fault = FAULTS[name]

    assert disturbed(belt, line, brief(), line.fail) >= 10


@pytest.mark.parametrize("data", [brief(), eicar()], ids=["clean", "infected"])
def test_fault_16_a_call_whose_answer_is_lost_has_its_effect_once(belt: Belt, line: Relentless, data: bytes) -> None:
    assert disturbed(belt, line, data, line.lose_the_answer) >= 5


def test_fault_16_a_call_that_is_sent_again_has_its_effect_once(belt: Belt, line: Relentless) -> None:
    assert disturbed(belt, line, brief(), line.send_again) >= 10


def test_fault_16_a_database_away_for_all_tries_of_a_message_makes_a_dead_letter_and_the_sweep_goes_on(
    belt: Belt, line: Relentless
) -> None:
    track, obj = belt.workshop.arrived("song.wav", brief())
    belt.arrival(obj)
    line.real, real = line.fail, line.real
    belt.drain()
    line.real = real
    assert len(belt.dead["scan"]) == 1

    assert come_to_rest(belt, track)[0] is TrackState.READY
    belt.redrive()
    assert come_to_rest(belt, track) == (TrackState.READY, ["track.playable", "transcoding.completed"], 1)
