"""The wall clock."""

import time

from core.domain.ids import EpochMs, EpochSeconds


class SystemClock:
    """Clock."""

    def now(self) -> EpochSeconds:
        return EpochSeconds(int(time.time()))

    def now_ms(self) -> EpochMs:
        return EpochMs(time.time_ns() // 1_000_000)
