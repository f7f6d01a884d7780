"""The wall clock."""

import time

from core.domain.ids import EpochSeconds


class SystemClock:
    """Clock."""

    def now(self) -> EpochSeconds:
        return EpochSeconds(int(time.time()))
