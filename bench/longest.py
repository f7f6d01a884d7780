"""The longest upload that is taken, through our pipeline alone: how near do its calls come to Lambda's fifteen minutes?

Lambda gives a function processors in proportion to its memory. So the CPU seconds of the longest ffmpeg run tell the
smallest memory setting with which a call still ends in time.
"""

import time
from collections.abc import Iterable
from math import ceil
from typing import Any, Final

from rich.console import Console

from bench import invocations, ours, pipeline
from bench.invocations import Invocation
from bench.music import HOUR, MINUTE, Format, Piece

NAME: Final = "longest"
FULL: Final = Piece(name="6 h MP3", format=Format.MP3, seconds=6 * HOUR)
"""What is taken at most; six hours of FLAC in stereo are more than the 2 GiB that are."""
QUICK: Final = Piece(name="11 min MP3", format=Format.MP3, seconds=11 * MINUTE, start_s=900)
WORKERS: Final = frozenset({"scan", "transcode", "parts"})
TIMEOUT_S: Final = 900
MB_OF_ONE_PROCESSOR: Final = 1769
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
BESIDE_FFMPEG: Final = 1.15
"""A call's CPU over its ffmpeg's, on the safe side: three hours of FLAC took 1.08, the emulated cloud included."""


def run(piece: Piece, console: Console) -> dict[str, Any]:
    """Everything measured, as it goes into the results file."""
    path = piece.made()
    with ours.stage() as stage:
        stage.warm_up(pipeline.SHORT.made(), None)
        start_ms = int(time.time() * 1000)
        found = stage.measure(path)
        calls = invocations.since(stage.cloud.aws("logs"), stage.cloud.aws("lambda"), start_ms)
    console.print(f"{piece.name}: playable {found.playable_s:.1f} s, ready {found.ready_s:.0f} s")
    return {
        "name": piece.name,
        "seconds": piece.seconds,
        "size_bytes": path.stat().st_size,
        "playable_s": found.playable_s,
        "ready_s": found.ready_s,
        "encoder_cpu_s": found.encoder_cpu_s,
        "elsewhere_cpu_s": found.elsewhere_cpu_s,
        "wall_s": found.ready_s,
        "disk_bytes": found.disk_bytes,
        "peak_bytes": found.encoder_peak_bytes,
        "longest_encoder_cpu_s": found.longest_encoder_cpu_s,
        "least_memory_mb": least_memory_mb(found.longest_encoder_cpu_s),
        "functions": workers(calls),
    }


def least_memory_mb(encoder_cpu_s: float) -> int:
    """The memory setting with which a call whose ffmpeg takes that long ends within TIMEOUT_S."""
    return ceil(encoder_cpu_s * BESIDE_FFMPEG / TIMEOUT_S * MB_OF_ONE_PROCESSOR)


def workers(calls: Iterable[Invocation]) -> list[dict[str, Any]]:
    """Those of the media pipeline: how many calls, and how long the longest took on this machine."""
    return [
        {
            "function": function,
            "calls": len(of_it),
            "longest_s": max(call.ms for call in of_it) / 1000,
            "memory_mb": of_it[0].memory_mb,
        }
        for function, of_it in invocations.by_function(calls).items()
        if function in WORKERS
    ]
