"""A player over a recorded line: fetches segments as a rule says, plays what it has, and waits when it has nothing."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

BANDWIDTH = Path(__file__).parent / "corpus" / "bandwidth"
SEGMENT_S = 6.0
BUFFER_MAX_S = 30.0
LATENCY_S = 0.1
"""Of each request, as the recordings' own simulator has it."""
Choice = Callable[["Listener"], int]
"""The rung to fetch next, in bit/s."""


@dataclass(frozen=True, slots=True)
class Line:
    """Samples of (how long, bit/s), over and over."""

    samples: Sequence[tuple[float, float]]

    @classmethod
    def recorded(cls, name: str) -> "Line":
        with (BANDWIDTH / f"{name}.csv").open() as file:
            return cls([(int(row["lasted_ms"]) / 1000, int(row["kbit_per_s"]) * 1000) for row in csv.DictReader(file)])

    @property
    def lasts_s(self) -> float:
        return sum(lasted for lasted, _ in self.samples)

    @property
    def mean_bps(self) -> float:
        return sum(lasted * bps for lasted, bps in self.samples) / self.lasts_s

    def fetch(self, bits: float, at_s: float) -> float:
        """When so many bits are there that are asked for at `at_s`."""
        now, at = at_s + LATENCY_S, 0.0
        place = (at_s + LATENCY_S) % self.lasts_s
        while True:
            for lasted, bps in self.samples:
                left = at + lasted - place
                at += lasted
                if left <= 0:
                    continue
                if bits <= bps * left:
                    return now + bits / bps if bps else now
                bits, now, place = bits - bps * left, now + left, place + left
            at, place = 0.0, 0.0


@dataclass(kw_only=True)
class Listener:
    """`took` are the segments so far: (bytes, seconds)."""

    line: Line
    now_s: float = 0.0
    store_s: float = 0.0
    rung_bps: int = 0
    took: list[tuple[int, float]] = field(default_factory=list)
    rungs: list[int] = field(default_factory=list)
    stalled_s: float = 0.0

    def listen(self, choose: Choice, *, for_s: float) -> "Listener":
        while self.now_s < for_s:
            if self.store_s > BUFFER_MAX_S - SEGMENT_S:
                self._pass(self.store_s - (BUFFER_MAX_S - SEGMENT_S))
            self.rung_bps = choose(self)
            bits = self.rung_bps * SEGMENT_S
            there = self.line.fetch(bits, self.now_s)
            self.took.append((int(bits / 8), there - self.now_s))
            self._pass(there - self.now_s)
            self.rungs.append(self.rung_bps)
            self.store_s += SEGMENT_S
        return self

    def _pass(self, seconds: float) -> None:
        started = len(self.rungs) > 0
        if started:  # until the first segment is there nobody waits in the middle of anything
            self.stalled_s += max(0.0, seconds - self.store_s)
        self.store_s = max(0.0, self.store_s - seconds)
        self.now_s += seconds

    @property
    def mean_bps(self) -> float:
        return sum(self.rungs) / len(self.rungs)

    @property
    def switches(self) -> int:
        return sum(one != other for one, other in zip(self.rungs, self.rungs[1:], strict=False))
