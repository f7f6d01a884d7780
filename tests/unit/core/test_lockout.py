"""How long an account takes no password."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.ids import EpochSeconds
from core.domain.lockout import MAX_S, Lockout, locked_for_s


@pytest.mark.parametrize(
    ("failures", "minutes"), [(0, 0), (4, 0), (5, 15), (6, 30), (7, 45), (99, 1425), (100, 1440), (10_000, 1440)]
)
def test_the_products_table(failures: int, minutes: int) -> None:
    assert locked_for_s(failures) == minutes * 60


@given(st.integers(0, 10**6))
def test_it_never_gets_shorter_and_ends_within_a_day(failures: int) -> None:
    assert 0 <= locked_for_s(failures) <= locked_for_s(failures + 1) <= MAX_S


def test_it_ends() -> None:
    lockout = Lockout(failures=5, until=EpochSeconds(1000))
    assert [lockout.remaining_s(EpochSeconds(now)) for now in (100, 999, 1000, 2000)] == [900, 1, 0, 0]
