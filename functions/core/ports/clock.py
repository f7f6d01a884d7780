"""Time, so that tests own it."""

from typing import Protocol

from core.domain.ids import EpochMs, EpochSeconds


class Clock(Protocol):
    def now(self) -> EpochSeconds: ...

    def now_ms(self) -> EpochMs: ...
