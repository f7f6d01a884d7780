"""What a process and all its descendants use, read from /proc: CPU, bytes written to disk, memory.

CPU and bytes of children that ended are in their parent's own counters once it has waited for them (proc(5), cutime
and /proc/PID/io), so two readings of a tree tell exactly what was used between them. Memory has no such memory: it is
sampled.
"""

import contextlib
import os
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
SAMPLE_S: Final = 0.2
ENCODER: Final = "ffmpeg"
FUNCTION_VARIABLE: Final = b"AWS_LAMBDA_FUNCTION_NAME="
"""In the environment of a function's worker process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One line of /proc/PID/stat. `reaped_s` is the CPU of children that ended and were waited for."""

    pid: int
    parent: int
    name: str
    cpu_s: float
    reaped_s: float
    resident_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Counters of a tree at one moment, or what was used between two."""

    cpu_s: float
    reaped_s: Mapping[int, float]
    """By process: CPU of its ended children alone."""
    disk_bytes: int

    def since(self, earlier: "Usage") -> "Usage":
        reaped = {pid: spent - earlier.reaped_s.get(pid, 0.0) for pid, spent in self.reaped_s.items()}
        return Usage(cpu_s=self.cpu_s - earlier.cpu_s, reaped_s=reaped, disk_bytes=self.disk_bytes - earlier.disk_bytes)


def parsed(stat: str) -> Process:
    """Fields as in proc(5); the name may hold blanks and brackets itself."""
    pid, _, rest = stat.partition(" (")
    name, _, numbers = rest.rpartition(") ")
    fields = numbers.split()
    user, system, reaped_user, reaped_system = (int(ticks) * TICK_S for ticks in fields[11:15])
    return Process(
        pid=int(pid),
        parent=int(fields[1]),
        name=name,
        cpu_s=user + system,
        reaped_s=reaped_user + reaped_system,
        resident_bytes=int(fields[21]) * PAGE_BYTES,
    )


def written_bytes(io: str) -> int:
    """`write_bytes` of /proc/PID/io: what was handed to file systems on disk; tmpfs and pipes never count."""
    return int(next(line for line in io.splitlines() if line.startswith("write_bytes:")).split()[1])


def descendants(root: int, processes: Iterable[Process]) -> list[Process]:
    """`root` and all below it."""
    children: dict[int, list[Process]] = defaultdict(list)
    found: list[Process] = []
    for process in processes:
        children[process.parent].append(process)
        if process.pid == root:
            found.append(process)
    for process in found:
        found += children[process.pid]
    return found


def living() -> Iterator[Process]:
    """Every process; those that end while we look are left out."""
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError, ValueError):
                yield parsed((folder / "stat").read_text())


def usage(root: int) -> Usage:
    """The counters of a tree now."""
    tree = descendants(root, living())
    disk = 0
    for process in tree:
        with contextlib.suppress(OSError):
            disk += written_bytes((PROC / str(process.pid) / "io").read_text())
    return Usage(
        cpu_s=sum(process.cpu_s + process.reaped_s for process in tree),
        reaped_s={process.pid: process.reaped_s for process in tree},
        disk_bytes=disk,
    )


def busy_s(stat: str) -> float:
    """CPU seconds of the whole machine since it started, from /proc/stat: all but idle and waiting for disks."""
    user, nice, system, _idle, _waiting, *rest = (int(ticks) for ticks in stat.partition("\n")[0].split()[1:9])
    return (user + nice + system + sum(rest)) * TICK_S


def machine_busy_s() -> float:
    return busy_s((PROC / "stat").read_text())


def function_of(pid: int) -> str | None:
    """The name of the function a worker process runs, None for every other process."""
    with contextlib.suppress(OSError):
        for entry in (PROC / str(pid) / "environ").read_bytes().split(b"\0"):
            if entry.startswith(FUNCTION_VARIABLE):
                return entry.removeprefix(FUNCTION_VARIABLE).decode()
    return None


@dataclass(slots=True)
class Peaks:
    """The most memory at any one sample, in bytes of resident set.

    By function: one worker with its ffmpeg or clamd, which is what Lambda's memory setting must hold. `encoders`:
    workers that were seen with an ffmpeg.
    """

    by_function: Counter[str] = field(default_factory=Counter)
    whole: int = 0
    of_encoders: int = 0
    encoders: set[int] = field(default_factory=set)
    longest_encoder_s: float = 0.0
    """The most CPU seconds that any one ffmpeg had used when it was last seen."""

    def add(self, root: int, processes: list[Process], functions: Mapping[int, str]) -> None:
        """One sample; `root` itself counts only in `whole`."""
        tree = descendants(root, processes)
        self.whole = max(self.whole, sum(process.resident_bytes for process in tree))
        for worker in tree:
            if worker.pid in functions:
                own = descendants(worker.pid, tree)
                size = sum(process.resident_bytes for process in own)
                name = functions[worker.pid]
                self.by_function[name] = max(self.by_function[name], size)
                if running := [process.cpu_s for process in own if process.name.startswith(ENCODER)]:
                    self.encoders.add(worker.pid)
                    self.longest_encoder_s = max(self.longest_encoder_s, *running)
                    self.of_encoders = max(self.of_encoders, size)


class Watch:
    """Samples a tree from a thread while the block runs; what was used is there afterwards."""

    def __init__(self, root: int) -> None:
        self.root = root
        self.peaks = Peaks()
        self.used = Usage(cpu_s=0.0, reaped_s={}, disk_bytes=0)
        self.machine_s = 0.0
        """CPU seconds of all processes, this tree's and everybody else's."""
        self._functions: dict[int, str] = {}
        self._asked: set[int] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="process-tree")

    def __enter__(self) -> "Watch":
        self._before, self._busy_before = usage(self.root), machine_busy_s()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.machine_s = machine_busy_s() - self._busy_before
        self.used = usage(self.root).since(self._before)

    @property
    def encoder_cpu_s(self) -> float:
        """CPU of the ffmpeg runs that ended: they are the only children a worker with an ffmpeg waits for."""
        return sum(self.used.reaped_s.get(pid, 0.0) for pid in self.peaks.encoders)

    def _sample(self) -> None:
        while not self._over.is_set():
            processes = list(living())
            for process in processes:
                if process.parent == self.root and process.pid not in self._asked:
                    self._asked.add(process.pid)
                    if name := function_of(process.pid):
                        self._functions[process.pid] = name
            self.peaks.add(self.root, processes, self._functions)
            self._over.wait(SAMPLE_S)
