"""A hundred tracks through the deployed pipeline: tracks a minute, how busy the processors were with encoding, and how
the API answered meanwhile.

A few tracks are always on their way, so that the pipeline never waits for us; what the API limits (1,000 requests a
second) is far from reached.
"""

import threading
import time
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

import httpx
from rich.console import Console

from bench import machine, ours
from bench.music import MINUTE, Format, Piece, distinct
from bench.process_tree import Watch
from dev.problem import Problem
from tests.cloud import loopback_client

NAME: Final = "throughput"
IN_FLIGHT: Final = 6
"""Three for each of the two transcodes that run at once."""
READS_PER_S: Final = 5.0
IDLE_S: Final = 60.0
LOOK_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    tracks: int
    seconds: int
    idle_s: float


FULL: Final = Plan(tracks=100, seconds=3 * MINUTE, idle_s=IDLE_S)
QUICK: Final = Plan(tracks=4, seconds=20, idle_s=10.0)


class Reader:
    """Asks for the caller's own account, READS_PER_S times a second, from a thread while the block runs."""

    def __init__(self, stage: ours.Stage) -> None:
        self.stage = stage
        self.ms: list[float] = []
        self.failed = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read, name="api-reader")

    def __enter__(self) -> "Reader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _read(self) -> None:
        with loopback_client() as client:
            due = time.monotonic()
            while not self._over.wait(max(0.0, due - time.monotonic())):
                due += 1 / READS_PER_S
                began = time.perf_counter()
                if self._once(client):
                    self.ms.append((time.perf_counter() - began) * 1000)
                else:
                    self.failed += 1

    def _once(self, client: httpx.Client) -> bool:
        artist = self.stage.artist
        try:
            answer = client.get(f"{artist.cloud.api_url}/auth/me", auth=artist.http.auth)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    def described(self) -> dict[str, float]:
        return {
            "reads": len(self.ms),
            "failed": self.failed,
            "p50_ms": percentile(self.ms, 50),
            "p99_ms": percentile(self.ms, 99),
        }


def percentile(values: list[float], share: int) -> float:
    """The smallest value that so many per cent of all do not pass (nearest rank)."""
    if not values:
        raise Problem("Nothing was measured.")
    return sorted(values)[ceil(len(values) * share / 100) - 1]


def run(plan: Plan, console: Console) -> dict[str, Any]:
    """Everything measured, as it goes into the results file."""
    pieces = distinct(plan.tracks, plan.seconds)
    for piece in pieces:
        piece.made()
    short = Piece(name="warm-up", format=Format.CD_FLAC, seconds=20, start_s=400).made()
    with ours.stage() as stage:
        stage.warm_up(short, None)
        with Reader(stage) as idle:
            time.sleep(plan.idle_s)
        with Watch(stage.engine_pid) as watch, Reader(stage) as busy:
            wall_s = _through(stage, pieces, console)
    cores = int(machine.described()["cores"])
    return {
        "tracks": plan.tracks,
        "track_seconds": plan.seconds,
        "in_flight": IN_FLIGHT,
        "wall_s": wall_s,
        "tracks_per_minute": plan.tracks / wall_s * 60,
        "times_real_time": plan.tracks * plan.seconds / wall_s,
        "cores": cores,
        "cpu_s": watch.used.cpu_s,
        "encoder_cpu_s": watch.encoder_cpu_s,
        "elsewhere_cpu_s": watch.machine_s - watch.used.cpu_s,
        "efficiency": watch.encoder_cpu_s / (wall_s * cores),
        "encoder_peak_bytes": watch.peaks.of_encoders,
        "disk_bytes": watch.used.disk_bytes,
        "idle": idle.described(),
        "busy": busy.described(),
    }


def _through(stage: ours.Stage, pieces: list[Piece], console: Console) -> float:
    """Seconds from the first upload until the last track was ready."""
    began = time.monotonic()
    waiting, flying, done = list(pieces), set[str](), 0
    while waiting or flying:
        while waiting and len(flying) < IN_FLIGHT:
            flying.add(stage.send(waiting.pop(0).path, "Throughput")[0])
        ready = {track_id for track_id in flying if stage.state_of(track_id) == "ready"}
        for track_id in ready:
            stage.forget(track_id)
        flying -= ready
        done += len(ready)
        if ready:
            console.print(f"{done} of {len(pieces)} tracks after {time.monotonic() - began:.0f} s")
        if time.monotonic() - began > ours.PATIENCE_S:
            raise Problem(f"Only {done} of {len(pieces)} tracks came through.")
        time.sleep(LOOK_S)
    return time.monotonic() - began
