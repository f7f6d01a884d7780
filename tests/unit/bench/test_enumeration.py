"""What the comparison of two heaps of times says."""

import pytest

from bench.enumeration import _compared, slower_share


def test_equal_heaps_tell_nothing() -> None:
    times = [float(ms) for ms in range(100)]
    assert slower_share(times, times) == pytest.approx(0.5)
    assert not _compared("a door", times, times)["tells"]


@pytest.mark.parametrize("offset", [-60.0, 60.0])
def test_a_heap_that_lies_elsewhere_tells(offset: float) -> None:
    times = [float(ms) for ms in range(1, 101)]
    found = _compared("a door", [ms + 100 + offset for ms in times], [ms + 100 for ms in times])
    assert found["tells"]
    assert (found["slower_share"] > 0.5) == (offset > 0)


def test_few_answers_need_a_larger_difference() -> None:
    few = _compared("a door", [1.0, 2.0], [1.0, 2.0])["margin"]
    many = _compared("a door", [1.0, 2.0] * 50, [1.0, 2.0] * 50)["margin"]
    assert few > 5 * many
