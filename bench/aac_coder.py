"""What ffmpeg's two AAC coders make of music, at the ladder's bit rates: quality, CPU time and the rate they reach.

`python -m bench.aac_coder [FOLDER]`; the folder holds a subfolder of music for each origin, and without one Debian
packages are fetched. Needs the group `bench`, whose libsvm wants a C++ compiler. FFmpeg 9.0 has no other coder.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench import excerpts, machine, perception
from bench.perception import Samples
from dev import tools

RESULTS: Final = Path(__file__).parent / "results" / "aac-coder.json"
CODERS: Final = ("twoloop", "fast")
BITRATES: Final = (64_000, 128_000, 192_000, 320_000)
TIMEOUT_S: Final = 120
STARTS: Final = 5

_FFMPEG = (str(tools.ffmpeg()), "-v", "error", "-nostdin", "-y")
_STRICT = ("-xerror", "-err_detect", "crccheck+bitstream+buffer+explode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """One item through one coder. CPU time is user and system, the program's start taken off."""

    origin: str
    coder: str
    bitrate: int
    seconds: float
    bytes: int
    cpu_s: float
    nmr_db: float
    disturbed: float
    mos: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All items of an origin. `disturbed_percent` is of frames with audible noise; `mos` is ViSQOL's."""

    origin: str
    bitrate: int
    coder: str
    items: int
    nmr_db: float
    nmr_db_worst: float
    disturbed_percent: float
    mos: float
    mos_worst: float
    kbit_s: float
    kbit_s_highest: float
    cpu_s_per_minute: float


def cpu_s(command: list[str]) -> float:
    """Runs it; a complaint is an error."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.stderr:
        raise RuntimeError(done.stderr.decode())
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def engine() -> str:
    command = [str(tools.ffmpeg()), "-version"]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=TIMEOUT_S).stdout
    return said.split()[2]


def encode(source: Path, copy: Path, coder: str, bitrate: int) -> float:
    """As functions/transcode/commands.py does, into a file whose edit list says where the music begins."""
    codec = ("-c:a", "aac", "-aac_coder", coder, "-b:a", str(bitrate), "-bitexact")
    return cpu_s([*_FFMPEG, "-i", str(source), *codec, str(copy)])


def decoded(path: Path) -> Samples:
    """At the rate of both measures, through the same resampler for original and copy."""
    rate = f"aresample={perception.RATE}:resampler=soxr:internal_sample_fmt=fltp"
    command = [*_FFMPEG, *_STRICT, "-i", str(path), "-af", rate, "-f", "f32le", "pipe:1"]
    done = subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S)
    if done.stderr:
        raise RuntimeError(f"{path.name} does not decode: {done.stderr.decode()}")
    return np.frombuffer(done.stdout, np.float32).reshape(-1, 2).astype(np.float64)


def payload(copy: Path) -> int:
    """Bytes of AAC, without the container."""
    command = [*_FFMPEG, "-i", str(copy), "-c", "copy", "-f", "data", "-map", "0:a", "pipe:1"]
    return len(subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S).stdout)


def judged(source: Path, copy: Path) -> tuple[float, float, float]:
    """TotalNMR, share of disturbed frames, MOS, over the source's samples once both are known to lie on each other."""
    original, heard = decoded(source), decoded(copy)
    if len(heard) < len(original) or lag(original, heard):
        raise RuntimeError(f"{copy.name} does not lie on its original")
    heard = heard[: len(original)]
    return *perception.noise_to_mask(original, heard), perception.grade(original, heard)


def lag(original: Samples, heard: Samples) -> int:
    """Samples by which the copy is late, from the peak of the cross-correlation."""
    size = 2 * max(len(original), len(heard))
    there, here = (np.fft.rfft(each.sum(axis=1), size) for each in (original, heard))
    peak = int(np.argmax(np.fft.irfft(here * there.conj(), size)))
    return peak if peak < size // 2 else peak - size


def measure(items: list[excerpts.Item], folder: Path) -> list[Encoded]:
    """Encodes one by one, coders in turn, so that a slow moment hits both; the judging runs beside."""
    began = statistics.median(cpu_s([*_FFMPEG, "-version"]) for _ in range(STARTS))
    waiting: list[tuple[dict[str, object], Future[tuple[float, float, float]]]] = []
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for item in items:
            with wave.open(str(item.path)) as file:
                seconds = file.getnframes() / file.getframerate()
            for bitrate in BITRATES:
                for coder in CODERS:
                    copy = folder / f"{item.path.stem}-{coder}-{bitrate}.mp4"
                    taken = encode(item.path, copy, coder, bitrate) - began
                    facts = {"origin": item.origin, "coder": coder, "bitrate": bitrate, "seconds": seconds}
                    facts |= {"bytes": payload(copy), "cpu_s": taken}
                    waiting.append((facts, pool.submit(judged, item.path, copy)))
        return list(_answers(waiting))


def _answers(waiting: list[tuple[dict[str, object], Future[tuple[float, float, float]]]]) -> Iterator[Encoded]:
    for facts, answer in track(waiting, description="judging", console=Console(stderr=True)):
        nmr_db, disturbed, mos = answer.result()
        yield Encoded(**facts, nmr_db=nmr_db, disturbed=disturbed, mos=mos)  # type: ignore[arg-type]


def summaries(found: list[Encoded]) -> list[Summary]:
    """First over everything, then for each origin."""
    origins = ("all", *dict.fromkeys(each.origin for each in found))
    return [
        summary(origin, [e for e in found if (e.bitrate, e.coder) == (bitrate, coder) and origin in {"all", e.origin}])
        for origin in origins
        for bitrate in BITRATES
        for coder in CODERS
    ]


def summary(origin: str, found: list[Encoded]) -> Summary:
    seconds = sum(each.seconds for each in found)
    return Summary(
        origin=origin,
        bitrate=found[0].bitrate,
        coder=found[0].coder,
        items=len(found),
        nmr_db=round(statistics.mean(each.nmr_db for each in found), 2),
        nmr_db_worst=round(max(each.nmr_db for each in found), 2),
        disturbed_percent=round(statistics.mean(each.disturbed for each in found) * 100, 1),
        mos=round(statistics.mean(each.mos for each in found), 3),
        mos_worst=round(min(each.mos for each in found), 3),
        kbit_s=round(sum(each.bytes for each in found) / seconds / 125, 1),
        kbit_s_highest=round(max(each.bytes / each.seconds for each in found) / 125, 1),
        cpu_s_per_minute=round(sum(each.cpu_s for each in found) / seconds * 60, 2),
    )


def table(found: list[Summary]) -> Table:
    shown = Table(title="Noise to mask (dB), disturbed frames (%), ViSQOL (MOS), kbit/s and CPU s per minute of audio")
    for column in ("rung", "coder", "NMR", "worst", "disturbed", "MOS", "worst", "kbit/s", "highest", "CPU s"):
        shown.add_column(column, justify="right")
    for each in found:
        quality = (each.nmr_db, each.nmr_db_worst, each.disturbed_percent, each.mos, each.mos_worst)
        rest = (each.kbit_s, each.kbit_s_highest, each.cpu_s_per_minute)
        shown.add_row(f"aac-{each.bitrate // 1000}", each.coder, *map(str, (*quality, *rest)))
    return shown


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        if len(sys.argv) > 1:
            source = Path(sys.argv[1])
        else:
            (folder / "music").mkdir()
            source = excerpts.fetched(folder / "music")
        found = summaries(measure([*excerpts.made(folder), *excerpts.excerpts(source, folder)], folder))
    document = {"machine": machine.described() | {"ffmpeg": engine()}, "results": [asdict(each) for each in found]}
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")
    Console().print(table([each for each in found if each.origin == "all"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
