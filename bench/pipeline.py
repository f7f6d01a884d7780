"""From the last uploaded byte to a track that plays: ours, the sequential baseline and one hand-tuned ffmpeg command.

All three take the same file on the same machine, one after the other, before the next file comes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, Final

from rich.console import Console

from bench import hls_muxer, ours, rivals
from bench.music import HOUR, MINUTE, Format, Piece
from bench.runs import Run
from dev import definitions
from dev.problem import Problem

NAME: Final = "pipeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured, how often, and what wakes the functions first."""

    pieces: tuple[tuple[Piece, int], ...]
    warm: Piece
    warm_long: Piece | None


SHORT: Final = Piece(name="20 s FLAC 16/44.1", format=Format.CD_FLAC, seconds=20, start_s=400)
FULL: Final = Plan(
    pieces=(
        (Piece(name="3 min FLAC 16/44.1", format=Format.CD_FLAC, seconds=3 * MINUTE), 3),
        (Piece(name="60 min MP3", format=Format.MP3, seconds=HOUR), 1),
        (Piece(name="3 h FLAC 16/44.1", format=Format.CD_FLAC, seconds=3 * HOUR), 1),
        # Last, as a worker keeps what it once needed, and 96 kHz needs the most.
        (Piece(name="10 min WAV 24/96", format=Format.HIRES_WAV, seconds=10 * MINUTE), 2),
    ),
    warm=SHORT,
    warm_long=Piece(name="11 min MP3", format=Format.MP3, seconds=11 * MINUTE, start_s=900),
)
QUICK: Final = Plan(
    pieces=(
        (Piece(name="30 s FLAC 16/44.1", format=Format.CD_FLAC, seconds=30), 1),
        (Piece(name="1 min WAV 24/96", format=Format.HIRES_WAV, seconds=MINUTE), 1),
        (Piece(name="2 min MP3", format=Format.MP3, seconds=2 * MINUTE), 1),
    ),
    warm=SHORT,
    warm_long=None,
)


def chosen(plan: Plan, named: Sequence[str]) -> Plan:
    """The pieces whose names contain one of `named`; all of them if none is named."""
    pieces = tuple(each for each in plan.pieces if not named or any(part in each[0].name for part in named))
    if not pieces:
        raise Problem("No piece has such a name.", hint=", ".join(piece.name for piece, _ in plan.pieces))
    return replace(plan, pieces=pieces)


def merged(before: dict[str, Any] | None, piece: dict[str, Any]) -> dict[str, Any]:
    """What was measured before, with `piece` in the place of its last measurement."""
    others = [] if before is None else [each for each in before["pieces"] if each["name"] != piece["name"]]
    return {"pieces": sorted([*others, piece], key=lambda each: int(each["seconds"]))}


def run(plan: Plan, console: Console) -> Iterator[dict[str, Any]]:
    """One piece after the other, as soon as it is measured: the longest takes an hour."""
    for piece in (plan.warm, plan.warm_long, *(piece for piece, _ in plan.pieces)):
        if piece is not None:
            console.print(f"music: {piece.made().name}")
    with ours.stage() as stage, definitions.builtin() as database:
        stage.warm_up(plan.warm.path, plan.warm_long.path if plan.warm_long else None)
        baseline = rivals.SequentialBaseline(
            s3=stage.cloud.aws("s3"),
            endpoint_url=stage.cloud.endpoint_url,
            engine_pid=stage.engine_pid,
            database=database,
        )
        ways: list[Callable[[Path], Run]] = [stage.measure, baseline.measure, rivals.hand_tuned]
        for piece, tries in plan.pieces:
            taken = [[_told(way(piece.path), piece, console) for way in ways] for _ in range(tries)]
            runs = [middle([each[number] for each in taken]) for number in range(len(ways))]
            yield _described(piece, tries, runs)


def middle(runs: list[Run]) -> Run:
    """The run whose time to ready is the median; of two, the quicker one."""
    wanted = median(run.ready_s for run in runs)
    return min(runs, key=lambda run: (abs(run.ready_s - wanted), run.ready_s))


def _told(run: Run, piece: Piece, console: Console) -> Run:
    playable = "" if run.playable_s is None else f"playable {run.playable_s:.2f} s, "
    console.print(f"{piece.name}: {run.way} {playable}ready {run.ready_s:.2f} s, {run.cpu_s:.1f} CPU s")
    return run


def _described(piece: Piece, tries: int, runs: list[Run]) -> dict[str, Any]:
    path = piece.path
    return {
        "name": piece.name,
        "seconds": piece.seconds,
        "size_bytes": path.stat().st_size,
        "tries": tries,
        "coders": hls_muxer.coders(hls_muxer.facts(path)),
        "runs": [asdict(run) for run in runs],
    }
