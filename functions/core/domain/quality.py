"""Which rendition a player should fetch next: a throughput rule with hysteresis, held back by the buffer.

Throughput is what two moving averages agree on, a fast and a slow one, as in Shaka Player and hls.js
(`EwmaBandwidthEstimator`); the smaller counts, so that a drop is seen at once and a recovery is believed late. Going up
takes a margin over the next rung, some seconds in store, and one rung at a time; going down takes only that the present
rung does not fit. With little in store the rule is the buffer's alone (BOLA's insight, arXiv:1601.06748: what is in
store is the safest thing known). Measured on recorded lines: docs/decisions/0036.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

FAST_HALF_LIFE: Final = 1.0
SLOW_HALF_LIFE: Final = 3.0
"""In segments. Weighed by the time they took, as others do, one that came through a tunnel would count for twenty."""
FITS: Final = 0.85
"""Of the throughput, what a rung may take: the rest is for requests, and for what else the network does."""
CLIMBS: Final = 0.65
"""Of the throughput, what the next rung up may take: well below FITS, or a rung at the border would flap."""
CLIMB_BUFFER_MS: Final = 10_000
SHORT_MS: Final = 6_000
"""A segment in store or less: half of what fits, so that the store grows again."""
SAMPLE_MIN_BYTES: Final = 4_000
"""Of less, the time is that of the request, not of the bytes."""
SAMPLE_MAX_BPS: Final = 1e9


class Reason(StrEnum):
    START = "start"
    """Nothing is measured yet: the lowest, which starts soonest."""
    HOLD = "hold"
    UP = "up"
    DOWN = "down"
    SHORT = "short"
    """So little is in store that the rung is lower than what fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Average:
    """Exponentially weighted, the latest most; `weight` corrects for its beginning at nothing."""

    half_life: float
    sum: float = 0.0
    weight: float = 0.0

    def with_sample(self, value: float) -> "Average":
        kept = 0.5 ** (1 / self.half_life)
        return Average(
            half_life=self.half_life,
            sum=self.sum * kept + value * (1 - kept),
            weight=self.weight * kept + (1 - kept),
        )

    @property
    def value(self) -> float:
        return self.sum / self.weight if self.weight else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandwidth:
    """What is known of a device's line, in bits per second."""

    fast: Average = field(default_factory=lambda: Average(half_life=FAST_HALF_LIFE))
    slow: Average = field(default_factory=lambda: Average(half_life=SLOW_HALF_LIFE))

    @property
    def bps(self) -> float:
        """0 as long as nothing is known."""
        return min(self.fast.value, self.slow.value)

    def with_sample(self, size_bytes: int, took_ms: int) -> "Bandwidth":
        """Unchanged by what measures nothing."""
        if size_bytes < SAMPLE_MIN_BYTES or took_ms <= 0:
            return self
        bps = min(SAMPLE_MAX_BPS, size_bytes * 8000 / took_ms)
        return Bandwidth(fast=self.fast.with_sample(bps), slow=self.slow.with_sample(bps))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Segments fetched since the last one as (bytes, ms), what is in store, and the rung that is played, 0 for none."""

    fetched: Sequence[tuple[int, int]] = ()
    buffer_ms: int
    bps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    rung_bps: int
    reason: Reason


def advise(rungs: Sequence[int], bandwidth: Bandwidth, report: Report) -> tuple[Advice, Bandwidth]:
    """`rungs` in bits per second, ascending, at least one. The advice, and what is known of the line by now."""
    for size_bytes, took_ms in report.fetched:
        bandwidth = bandwidth.with_sample(size_bytes, took_ms)
    return _choose(rungs, bandwidth.bps, report), bandwidth


def _choose(rungs: Sequence[int], line_bps: float, report: Report) -> Advice:
    if not line_bps:
        return Advice(rung_bps=rungs[0], reason=Reason.START)
    now = max((number for number, rung in enumerate(rungs) if rung <= report.bps), default=0)
    fits = max((number for number, rung in enumerate(rungs) if rung <= line_bps * FITS), default=0)
    if report.buffer_ms < SHORT_MS:
        half = max((number for number, rung in enumerate(rungs) if rung <= line_bps / 2), default=0)
        if half < now:
            return Advice(rung_bps=rungs[half], reason=Reason.SHORT)
    if fits < now:
        return Advice(rung_bps=rungs[fits], reason=Reason.DOWN)
    above = now + 1
    if above < len(rungs) and rungs[above] <= line_bps * CLIMBS and report.buffer_ms >= CLIMB_BUFFER_MS:
        return Advice(rung_bps=rungs[above], reason=Reason.UP)
    return Advice(rung_bps=rungs[now], reason=Reason.HOLD)
