"""How far a client's clock is from ours: the four times of NTP (RFC 5905 §8), all in ms since 1970.

The client sends at `t0` by its clock, we receive at `t1` and answer at `t2` by ours, the client hears it at `t3`. Both
figures are measured; what no measurement tells is how the way there differs from the way back, and that is at most half
the round trip. So a client asks several times and believes the sample with the shortest one (RFC 5905 §10).
"""

from dataclasses import dataclass
from typing import Final

from core.domain.errors import InvalidInput

ROUND_TRIP_MAX_MS: Final = 30_000
"""Longer than the gateway waits for an answer: no clock says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    t0: float
    t1: float
    t2: float
    t3: float

    @property
    def offset_ms(self) -> float:
        """What the client adds to its clock to have ours; off by at most half the round trip."""
        return ((self.t1 - self.t0) + (self.t2 - self.t3)) / 2

    @property
    def round_trip_ms(self) -> float:
        """On the way there and back, without the time we took."""
        return (self.t3 - self.t0) - (self.t2 - self.t1)

    def check(self) -> "Sample":
        """Itself. Raises InvalidInput(`sample_invalid`) for times that no exchange has."""
        if not (self.t2 >= self.t1 and 0 <= self.round_trip_ms <= ROUND_TRIP_MAX_MS):
            raise InvalidInput("These are not the times of one exchange.", code="sample_invalid", field="previous")
        return self
