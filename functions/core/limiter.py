"""Counts what may be done only so often, and refuses more. What can't be counted is refused too (503)."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.errors import TooMany
from core.domain.ids import EpochSeconds
from core.domain.rates import Allowance, Rate
from core.ports.clock import Clock

if TYPE_CHECKING:
    from core.store.counters import CounterRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Limiter:
    """`factor` multiplies every limit: a local stage is used by one address and many tests."""

    counters: "CounterRepository"
    clock: Clock
    factor: int = 1

    def count(self, rate: Rate, subject: str) -> Allowance:
        """One more use by `subject`. Raises TooMany(`rate_limited`) once the rate is used up."""
        window = self._window(rate, subject)
        used = self.counters.add(window.key, limit=window.limit, window_ends=window.ends)
        if used is None:
            raise TooMany("Too many attempts. Please wait a little.", window.left(window.limit))
        return window.left(used)

    def note(self, rate: Rate, subject: str) -> None:
        """One more, whether or not the rate is used up: for what is counted only afterwards."""
        window = self._window(rate, subject)
        self.counters.add(window.key, limit=window.limit, window_ends=window.ends)

    def must_have_left(self, rate: Rate, subject: str, *, code: str) -> None:
        """Raises TooMany(`code`) once the rate is used up; counts nothing."""
        window = self._window(rate, subject)
        used = self.counters.get(window.key, window_ends=window.ends)
        if used >= window.limit:
            raise TooMany("Too many attempts from here. Please wait a little.", window.left(used), code=code)

    def _window(self, rate: Rate, subject: str) -> "_Window":
        now = self.clock.now()
        return _Window(
            key=f"{rate.name}#{opaque(subject)}",
            limit=rate.times * self.factor,
            ends=EpochSeconds((now // rate.per_s + 1) * rate.per_s),
            now=now,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    key: str
    limit: int
    ends: EpochSeconds
    now: EpochSeconds

    def left(self, used: int) -> Allowance:
        return Allowance(limit=self.limit, remaining=self.limit - used, resets_in_s=self.ends - self.now)


def opaque(subject: str) -> str:
    """Keys show up in metrics and logs; addresses must not."""
    return hashlib.sha256(subject.encode()).hexdigest()
