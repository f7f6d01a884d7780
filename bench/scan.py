"""How fast a file is hashed, sniffed and scanned: our path, INSTREAM on the same clamd, and clamscan per file.

All three run side by side on the same bytes with the builtin definitions. Ours reads from memory in the place of S3
and ends with SHA-256, the container's facts and clamd's answer; the two others only scan. `python -m bench.scan`.
"""

import json
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench import machine, scan_files
from dev import definitions, tools
from scan.clamd import Clamd
from scan.sniff import sniff
from scan.spool import Spooled, spooled
from tests.fakes.objects import FakeObjectStore

RESULTS: Final = Path(__file__).parent / "results" / "scan.json"
SIZES_MB: Final = (1, 10, 50, 100, 500)
TRIES: Final = 3
ONCE_ABOVE: Final = 200 * scan_files.MB
"""Bytes; what takes ten seconds varies little."""
PIECE: Final = 1024 * 1024
TIMEOUT_S: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The median of TRIES runs, or the one run of a large file."""

    format: str
    size_bytes: int
    way: str
    ms: float
    mb_per_s: float


class Bench:
    """One clamd for all, and the three ways to ask."""

    def __init__(self, database: Path, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.clamd = self._started()

    def forget(self) -> None:
        """A new clamd: it remembers files it found clean, and would answer the next try without looking."""
        self.clamd.stop()
        self.clamd = self._started()

    def _started(self) -> Clamd:
        started = Clamd(str(tools.clamd()), database=self.database, folder=self.folder / "clamd")
        started.wait_ready(60)
        return started

    def ours(self, path: Path) -> Callable[[], str]:
        """What scan/service.py does between the claim and the verdict."""
        store = FakeObjectStore()
        store.add("uploads", "file", path.read_bytes())
        info = store.head("uploads", "file")

        def run() -> str:
            with spooled(store, info, lambda _done: None) as spool, ThreadPoolExecutor(max_workers=1) as beside:
                sniffing = beside.submit(_sniffed, spool, path.name)
                answer = self.clamd.scan_descriptor(spool.file.fileno(), TIMEOUT_S)
                sniffing.result()
            return answer

        return run

    def descriptor(self, path: Path) -> Callable[[], str]:
        """clamd alone on an open file: no way through this engine is faster."""

        def run() -> str:
            with path.open("rb") as file:
                return self.clamd.scan_descriptor(file.fileno(), TIMEOUT_S)

        return run

    def instream(self, path: Path) -> Callable[[], str]:
        """The bytes through the socket, as most clients of clamd do (clamd(8))."""
        content = memoryview(path.read_bytes())

        def run() -> str:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(TIMEOUT_S)
                line.connect(str(self.folder / "clamd" / "clamd.sock"))
                line.sendall(b"zINSTREAM\0")
                for start in range(0, len(content), PIECE):
                    piece = content[start : start + PIECE]
                    line.sendall(struct.pack(">I", len(piece)))
                    line.sendall(piece)
                line.sendall(bytes(4))
                return line.recv(4096).rstrip(b"\0").decode().partition(": ")[2]

        return run

    def clamscan(self, path: Path) -> Callable[[], str]:
        """A process per file. The builtin definitions load at once; the official ones would add 10 to 20 s each."""
        command = [str(tools.require("clamscan")), f"--database={self.database}", "--no-summary"]
        command += ["--max-filesize=2048M", "--max-scansize=4095M", str(path)]

        def run() -> str:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
            return done.stdout.strip().rpartition(": ")[2]

        return run


def _sniffed(spool: Spooled, filename: str) -> None:
    with spool.mapped() as data:
        sniff(data, filename)


def measure(bench: Bench, path: Path) -> list[Measured]:
    """All ways in turn, several times over, so that a slow moment of the machine hits each of them."""
    ways = {way: getattr(bench, way)(path) for way in ("ours", "descriptor", "instream", "clamscan")}
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(TRIES if path.stat().st_size <= ONCE_ABOVE else 1):
        for way, run in ways.items():
            bench.forget()
            began = time.perf_counter()
            answer = run()
            taken[way].append(time.perf_counter() - began)
            if answer != "OK":
                raise RuntimeError(f"{way} says {answer} of clean audio")
    size = path.stat().st_size
    return [_measured(path, size, way, statistics.median(seconds)) for way, seconds in taken.items()]


def _measured(path: Path, size: int, way: str, seconds: float) -> Measured:
    rate = size / scan_files.MB / seconds
    return Measured(
        format=path.suffix[1:], size_bytes=size, way=way, ms=round(seconds * 1000, 1), mb_per_s=round(rate, 1)
    )


def run(sizes_mb: tuple[int, ...] = SIZES_MB) -> list[Measured]:
    """Every format in every size; a file is removed when it was measured."""
    results: list[Measured] = []
    with definitions.builtin() as database, tempfile.TemporaryDirectory(prefix="bench-") as name:
        bench = Bench(database, Path(name))
        try:
            wanted = [(kind, size) for kind in scan_files.FORMATS for size in sizes_mb]
            for kind, size in track(wanted, description="scanning", console=Console(stderr=True)):
                path = scan_files.make(Path(name), kind, size)
                results += measure(bench, path)
                if size > 1:
                    path.unlink()
        finally:
            bench.clamd.stop()
    return results


def table(results: list[Measured]) -> Table:
    """A row for each file, the ways side by side."""
    shown = Table(title="Scan: MB/s (ms per file)")
    ways = list(dict.fromkeys(each.way for each in results))
    for column in ("format", "MB", *ways):
        shown.add_column(column, justify="right")
    for kind, size in dict.fromkeys((each.format, each.size_bytes) for each in results):
        found = {each.way: each for each in results if (each.format, each.size_bytes) == (kind, size)}
        cells = [f"{found[way].mb_per_s:.0f} ({found[way].ms:.0f})" for way in ways]
        shown.add_row(kind, f"{size / scan_files.MB:.1f}", *cells)
    return shown


def main() -> int:
    results = run()
    document = {
        "machine": machine.described(),
        "definitions": "builtin",
        "tries": TRIES,
        "results": [asdict(each) for each in results],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")
    Console().print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
