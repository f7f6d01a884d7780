"""How fast a file is hashed, sniffed and scanned: our path, INSTREAM on a usual clamd, and clamscan per file.

All run side by side on the same bytes. Ours reads from memory in the place of S3 and ends with SHA-256, the container's
facts and clamd's answer; the others only scan, and pass MP3 unread. `python -m bench.scan`.
"""

import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench import machine, scan_files
from bench.scan_ways import Ways
from dev import definitions

RESULTS: Final = Path(__file__).parent / "results" / "scan.json"
SIZES_MB: Final = (1, 10, 50, 100, 500)
TRIES: Final = 5
ONCE_ABOVE: Final = 200 * scan_files.MB
"""Bytes; what takes seconds varies little."""
MANY_SIGNATURES: Final = 100_000
"""Body signatures at any offset, the order of magnitude of the official set; those can't be had on a closed network."""
MANY_SIZE_MB: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The median of TRIES runs, or the one run of a large file. `way` is a method of bench.scan_ways.Ways."""

    definitions: str
    format: str
    size_bytes: int
    way: str
    ms: float
    cpu_ms: float
    """Of all processes at work: what counts on a machine that is busy with something else."""
    mb_per_s: float


def run(sizes_mb: tuple[int, ...] = SIZES_MB) -> list[Measured]:
    """Every format in every size with the builtin definitions, and one size with many signatures beside them."""
    with definitions.builtin() as database, tempfile.TemporaryDirectory(prefix="bench-") as name:
        results = _measure_all("builtin", database, Path(name), sizes_mb)
        with (database / "many.ndb").open("w") as many:
            many.writelines(_random_signatures())
        return results + _measure_all(f"builtin + {MANY_SIGNATURES}", database, Path(name), (MANY_SIZE_MB,))


def _random_signatures() -> Iterator[str]:
    """Of 16 to 120 bytes, the same on every run."""
    dice = random.Random(5)  # noqa: S311 - nothing secret
    for number in range(MANY_SIGNATURES):
        yield f"Bench.{number}:0:*:{dice.randbytes(dice.randint(16, 120)).hex()}\n"


def _measure_all(named: str, database: Path, folder: Path, sizes_mb: tuple[int, ...]) -> list[Measured]:
    results: list[Measured] = []
    wanted = [(kind, size) for kind in scan_files.FORMATS for size in sizes_mb]
    with _ways(database, folder) as ways:
        for kind, size in track(wanted, description=f"scanning ({named})", console=Console(stderr=True)):
            path = scan_files.make(folder, kind, size)
            results += _measure(named, ways, path)
            if size > 1:
                path.unlink()
    return results


@contextmanager
def _ways(database: Path, folder: Path) -> Iterator[Ways]:
    ways = Ways(database, folder)
    try:
        yield ways
    finally:
        ways.close()


def _measure(named: str, ways: Ways, path: Path) -> list[Measured]:
    """All ways in turn, several times over, so that a slow moment of the machine hits each of them."""
    taken: dict[str, list[tuple[float, float]]] = {}
    size = path.stat().st_size
    with ways.of(path) as runs:
        for _ in range(TRIES if size <= ONCE_ABOVE else 1):
            for way, asked in runs.items():
                began, cpu = time.perf_counter(), ways.cpu_s()
                answer = asked()
                taken.setdefault(way, []).append((time.perf_counter() - began, ways.cpu_s() - cpu))
                if answer != "OK":
                    raise RuntimeError(f"{way} says {answer} of clean audio")
    medians = {way: [statistics.median(each) for each in zip(*tries, strict=True)] for way, tries in taken.items()}
    return [
        Measured(
            definitions=named,
            format=path.suffix[1:],
            size_bytes=size,
            way=way,
            ms=round(seconds * 1000, 1),
            cpu_ms=round(cpu_s * 1000, 1),
            mb_per_s=round(size / scan_files.MB / seconds, 1),
        )
        for way, (seconds, cpu_s) in medians.items()
    ]


def table(results: list[Measured]) -> Table:
    """A row for each file, the ways side by side, and how many times faster ours is than the two others."""
    shown = Table(title="Scan: MB/s (CPU ms per file); instream and clamscan pass MP3 unread")
    ways = list(dict.fromkeys(each.way for each in results))
    for column in ("signatures", "format", "MB", *ways, "ours/instream", "ours/clamscan"):
        shown.add_column(column, justify="right")
    rows: dict[tuple[str, str, int], dict[str, Measured]] = {}
    for each in results:
        rows.setdefault((each.definitions, each.format, each.size_bytes), {})[each.way] = each
    for (named, kind, size), found in rows.items():
        cells = [f"{found[way].mb_per_s:.0f} ({found[way].cpu_ms:.0f})" for way in ways]
        ratios = [f"{found[other].ms / found['ours'].ms:.2f}" for other in ("instream", "clamscan")]
        shown.add_row(named, kind, f"{size / scan_files.MB:.1f}", *cells, *ratios)
    return shown


def document(results: list[Measured]) -> dict[str, Any]:
    """What is committed."""
    return {"machine": machine.described(), "tries": TRIES, "results": [asdict(each) for each in results]}


def main() -> int:
    results = run()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document(results), indent=2) + "\n")
    Console().print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
