"""Time that passes when a test says so."""

from core.domain.ids import EpochMs, EpochSeconds


class FakeClock:
    def __init__(self, at: int = 1_800_000_000) -> None:
        self.at = EpochSeconds(at)

    def now(self) -> EpochSeconds:
        return self.at

    def now_ms(self) -> EpochMs:
        return EpochMs(self.at * 1000)

    def advance(self, seconds: int) -> EpochSeconds:
        """Lets `seconds` pass, backwards too; returns the new time."""
        self.at = EpochSeconds(self.at + seconds)
        return self.at
