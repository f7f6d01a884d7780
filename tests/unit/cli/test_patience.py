"""Waiting: bounded, never shorter than the server asked, over at once when the person stops."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.errors import Stopped
from cli.patience import Patience, Stop, gentle_intervals


@given(failures=st.integers(1, 60), dice=st.floats(0, 1), asked=st.floats(0, 60))
def test_a_wait_is_bounded_and_respects_what_the_server_asked(failures: int, dice: float, asked: float) -> None:
    patience = Patience(attempts=9, first_s=0.5, longest_s=20.0)
    wait = patience.wait_s(failures, at_least=asked, dice=lambda: dice)
    assert asked <= wait <= max(asked, min(20.0, 0.5 * 2.0**failures))


def test_polling_slows_down_to_its_limit() -> None:
    intervals = gentle_intervals(first_s=1.0, factor=2.0, longest_s=4.0)
    assert [next(intervals) for _ in range(4)] == [1.0, 2.0, 4.0, 4.0]


def test_stopping_ends_every_wait_at_once() -> None:
    stop = Stop()
    stop.pull()
    began = time.monotonic()
    with pytest.raises(Stopped):
        stop.sleep(60)
    assert time.monotonic() - began < 5
