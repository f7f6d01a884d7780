"""How long to wait and how often to try again: exponential backoff with full jitter, interruptible."""

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cli.errors import Stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """`attempts` tries in all; the wait before try n is random in 0…min(`longest_s`, `first_s`·2ⁿ)."""

    attempts: int
    first_s: float = 0.5
    longest_s: float = 20.0

    def wait_s(self, failures: int, *, at_least: float = 0.0, dice: Callable[[], float] = random.random) -> float:
        """Seconds to wait after that many failures, never less than the server asked for."""
        return max(at_least, dice() * min(self.longest_s, self.first_s * 2.0**failures))


FOR_ANSWERS = Patience(attempts=5, longest_s=8.0)
"""Somebody waits for every answer of the API: some 15 seconds of second chances."""
FOR_BYTES = Patience(attempts=8, longest_s=20.0)
"""An upload outlives a router that restarts."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Ctrl-C for worker threads: every wait and every chunk looks at it."""

    _event: threading.Event = field(default_factory=threading.Event)

    def pull(self) -> None:
        self._event.set()

    def check(self) -> None:
        """Raises Stopped once `pull` was called."""
        if self._event.is_set():
            raise Stopped("Stopped.")

    def sleep(self, seconds: float) -> None:
        """Waits, unless stopped before or meanwhile: then raises Stopped."""
        self._event.wait(seconds)
        self.check()


def gentle_intervals(first_s: float = 0.4, factor: float = 1.35, longest_s: float = 4.0) -> Iterator[float]:
    """Seconds between two looks at something that changes quickly at first and slowly later."""
    interval = first_s
    while True:
        yield interval
        interval = min(longest_s, interval * factor)
