"""Counters never let more through than they should, however many count at once."""

from concurrent.futures import ThreadPoolExecutor

from core.domain.ids import EpochSeconds
from core.store.counters import CounterRepository, LockoutRepository
from tests.builders import NOW

ENDS = EpochSeconds(NOW + 60)


class TestCounters:
    def test_counts_up_to_the_limit_and_no_further(self, counters: CounterRepository) -> None:
        found = [counters.add("login#ada", limit=3, window_ends=ENDS) for _ in range(5)]
        assert found == [1, 2, 3, None, None]
        assert counters.get("login#ada", window_ends=ENDS) == 3

    def test_a_new_window_begins_with_nothing(self, counters: CounterRepository) -> None:
        for _ in range(4):
            counters.add("login#ada", limit=3, window_ends=ENDS)
        assert counters.get("login#ada", window_ends=EpochSeconds(ENDS + 60)) == 0
        assert counters.add("login#ada", limit=3, window_ends=EpochSeconds(ENDS + 60)) == 1

    def test_subjects_do_not_count_for_each_other(self, counters: CounterRepository) -> None:
        counters.add("login#ada", limit=1, window_ends=ENDS)
        assert counters.add("login#grace", limit=1, window_ends=ENDS) == 1

    def test_at_once(self, counters: CounterRepository) -> None:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: counters.add("login#ada", limit=10, window_ends=ENDS), range(40)))
        assert sorted(count for count in found if count is not None) == list(range(1, 11))


class TestLockouts:
    def test_nothing_is_locked_at_first(self, lockouts: LockoutRepository) -> None:
        assert lockouts.get("ada").remaining_s(NOW) == 0

    def test_the_fifth_failure_locks_and_each_further_one_for_longer(self, lockouts: LockoutRepository) -> None:
        locked = [lockouts.failed("ada", NOW).remaining_s(NOW) for _ in range(7)]
        assert locked == [0, 0, 0, 0, 900, 1800, 2700]
        assert lockouts.get("ada").remaining_s(NOW) == 2700
        assert lockouts.get("grace").failures == 0

    def test_success_forgets(self, lockouts: LockoutRepository) -> None:
        for _ in range(6):
            lockouts.failed("ada", NOW)
        lockouts.clear("ada")
        assert lockouts.get("ada").failures == 0

    def test_no_failure_is_lost_when_many_come_at_once(self, lockouts: LockoutRepository) -> None:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: lockouts.failed("ada", NOW).failures, range(20)))
        assert sorted(found) == list(range(1, 21))
        assert lockouts.get("ada").failures == 20
