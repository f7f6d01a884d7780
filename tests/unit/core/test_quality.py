"""The rule of quality: what it promises, and how it does on lines that were recorded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.quality import (
    CLIMB_BUFFER_MS,
    SAMPLE_MIN_BYTES,
    SHORT_MS,
    Bandwidth,
    Reason,
    Report,
    advise,
)
from tests.listener import Choice, Line, Listener

RUNGS = (68_000, 136_000, 203_000, 337_000, 920_000)
"""As the ladder measures: AAC 64 to 320 kbit/s, and a lossless one."""
LINES = ("bus", "ferry", "evening")
FOR_S = 240.0


class Advised:
    """A player that follows the advice, and reports after each segment."""

    def __init__(self) -> None:
        self.bandwidth = Bandwidth()

    def __call__(self, listener: Listener) -> int:
        fetched = [(size, max(1, round(took * 1000))) for size, took in listener.took[-1:]]
        report = Report(fetched=fetched, buffer_ms=round(listener.store_s * 1000), bps=listener.rung_bps)
        advice, self.bandwidth = advise(RUNGS, self.bandwidth, report)
        return advice.rung_bps


def lowest(_: Listener) -> int:
    return RUNGS[0]


def highest(_: Listener) -> int:
    return RUNGS[-1]


def hasty(listener: Listener) -> int:
    """Whatever the last segment's throughput had room for: no memory, no margin, no look at the store."""
    if not listener.took:
        return RUNGS[0]
    size, took = listener.took[-1]
    return max((rung for rung in RUNGS if rung <= size * 8 / took), default=RUNGS[0])


def played(name: str, choose: Choice) -> Listener:
    return Listener(line=Line.recorded(name)).listen(choose, for_s=FOR_S)


@pytest.mark.parametrize("name", LINES)
def test_it_waits_little_longer_than_who_always_takes_the_least(name: str) -> None:
    """Where half a minute of nothing comes after the best minute, by what it had not in store."""
    assert played(name, Advised()).stalled_s <= played(name, lowest).stalled_s + 15


@pytest.mark.parametrize("name", LINES)
def test_it_waits_less_than_who_is_hasty_and_far_less_than_who_takes_the_most(name: str) -> None:
    ours = played(name, Advised()).stalled_s
    assert ours <= played(name, hasty).stalled_s
    assert ours <= played(name, highest).stalled_s / 2 or ours == 0


@pytest.mark.parametrize("name", LINES)
def test_it_changes_the_quality_less_often_than_who_is_hasty(name: str) -> None:
    ours, theirs = played(name, Advised()), played(name, hasty)
    climb = len(RUNGS) - 1
    assert ours.switches <= max(climb, theirs.switches * 3 / 4)
    assert ours.switches / (ours.now_s / 60) <= 4


@pytest.mark.parametrize(("name", "share"), [("bus", 0.4), ("ferry", 0.45), ("evening", 0.8)])
def test_it_uses_much_of_what_there_is(name: str, share: float) -> None:
    """Of what the line carries on average, or of the best rung if that is less."""
    ours = played(name, Advised())
    assert ours.mean_bps >= share * min(ours.line.mean_bps, RUNGS[-1])


# -- the rule itself


def after(*samples: tuple[int, int], buffer_ms: int = 20_000, bps: int = RUNGS[1]) -> tuple[int, Reason]:
    advice, _ = advise(RUNGS, Bandwidth(), Report(fetched=samples, buffer_ms=buffer_ms, bps=bps))
    return advice.rung_bps, advice.reason


def at(kbit_per_s: int) -> tuple[int, int]:
    """A segment that came so fast."""
    return kbit_per_s * 1000 // 8, 1000


def test_without_a_measurement_it_begins_at_the_lowest() -> None:
    assert after() == (RUNGS[0], Reason.START)


def test_up_goes_one_rung_at_a_time_and_only_with_something_in_store() -> None:
    assert after(at(5000)) == (RUNGS[2], Reason.UP)
    assert after(at(5000), buffer_ms=CLIMB_BUFFER_MS - 1) == (RUNGS[1], Reason.HOLD)


def test_between_the_borders_it_stays() -> None:
    """A rung that just fits is kept, and not gone to."""
    assert after(at(250), bps=RUNGS[2]) == (RUNGS[2], Reason.HOLD)
    assert after(at(250), bps=RUNGS[1]) == (RUNGS[1], Reason.HOLD)


def test_down_goes_as_far_as_it_must_at_once() -> None:
    assert after(at(100), bps=RUNGS[4]) == (RUNGS[0], Reason.DOWN)


def test_with_little_in_store_it_goes_below_what_fits() -> None:
    assert after(at(300), buffer_ms=SHORT_MS - 1, bps=RUNGS[2]) == (RUNGS[1], Reason.SHORT)


def test_what_measures_nothing_changes_nothing() -> None:
    known = Bandwidth().with_sample(100_000, 1000)
    assert known.with_sample(SAMPLE_MIN_BYTES - 1, 1) == known
    assert known.with_sample(100_000, 0) == known


reports = st.builds(
    Report,
    fetched=st.lists(st.tuples(st.integers(1, 2**31), st.integers(1, 600_000)), max_size=20),
    buffer_ms=st.integers(0, 3_600_000),
    bps=st.integers(0, 10**8),
)


@given(st.lists(reports, min_size=1, max_size=10))
def test_whatever_a_client_says_it_is_answered_with_a_rung(told: list[Report]) -> None:
    bandwidth = Bandwidth()
    for report in told:
        advice, bandwidth = advise(RUNGS, bandwidth, report)
        assert advice.rung_bps in RUNGS
        assert bandwidth.bps >= 0


@given(reports, st.integers(0, 10**6))
def test_a_faster_line_never_gets_less(report: Report, more: int) -> None:
    slow = Report(fetched=[(50_000 + more, 1000)], buffer_ms=report.buffer_ms, bps=report.bps)
    fast = Report(fetched=[(2 * (50_000 + more), 1000)], buffer_ms=report.buffer_ms, bps=report.bps)
    one, _ = advise(RUNGS, Bandwidth(), slow)
    other, _ = advise(RUNGS, Bandwidth(), fast)
    assert other.rung_bps >= one.rung_bps
