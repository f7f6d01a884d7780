"""What `make check`, `test` and `test-…` run: folders, their order, and the doors that are open."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from dev.paths import ROOT
from dev.steps import console

NO_SOCKETS = ("--disable-socket", "--allow-unix-socket")
LOOPBACK_ONLY = ("--allow-hosts=127.0.0.1,::1,localhost", "--allow-unix-socket")


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One run of pytest."""

    name: str
    folders: tuple[str, ...]
    options: tuple[str, ...]


Lane = tuple[Round, ...]
"""Rounds that run one after the other; lanes run side by side, since the cloud's tests mostly wait for the cloud."""

UNIT = Round(name="unit and contract", folders=("tests/unit", "tests/contract"), options=NO_SOCKETS)
INFRA = Round(name="infra", folders=("tests/infra",), options=LOOPBACK_ONLY)
INTEGRATION = Round(name="integration", folders=("tests/integration",), options=LOOPBACK_ONLY)
# A process each, as they share a cloud and its deploy. Secrets last: what was told of them while all else was done.
CLOUD = Round(name="e2e and faults", folders=("tests/e2e", "tests/faults", "tests/secrets"), options=LOOPBACK_ONLY)
# The same again at length: hundreds of schedules, thousands of files, every step. Those on a cloud mostly wait.
ON_A_CLOUD = tuple(
    f"tests/faults/test_{name}.py"
    for name in (
        "arriving_events", "bursts", "cut_connections", "definitions_refresh", "hostile_files", "messages_that_fail",
        "uploads_sent_twice",
    )
)  # fmt: skip
AT_LENGTH = (*LOOPBACK_ONLY, "--deep")
FAULTS = Round(
    name="faults at length",
    folders=("tests/faults",),
    options=(*AT_LENGTH, *(f"--ignore={path}" for path in ON_A_CLOUD)),
)
CLOUD_FAULTS = Round(name="faults at length, on a cloud", folders=ON_A_CLOUD, options=AT_LENGTH)

PAGE = Round(
    name="browsers and made-up requests",
    folders=("tests/browser", "tests/fuzz", "tests/secrets"),
    options=LOOPBACK_ONLY,
)
# Fifty requests made up for every route, from nobody and from somebody.
FUZZ = Round(name="made-up requests at length", folders=("tests/fuzz",), options=AT_LENGTH)
# What people do, while functions are held to their own roles.
ROLES = Round(
    name="under their own roles",
    folders=("tests/e2e", "tests/browser", "tests/fuzz", "tests/roles"),
    options=(*LOOPBACK_ONLY, "--enforce-roles"),
)

Phase = tuple[Lane, ...]
"""Lanes that run side by side; phases run one after the other."""

# Browsers measure how far apart two of them are: nothing else runs beside that.
ALL: tuple[Phase, ...] = (((UNIT, INFRA, INTEGRATION), (CLOUD,)), ((PAGE,),))
DEEP: tuple[Phase, ...] = (((FAULTS,), (CLOUD_FAULTS,)),)
ROUNDS: dict[str, tuple[Phase, ...]] = {
    "quick": (((UNIT,),),),
    "all": ALL,
    "faults": DEEP,
    "fuzz": (((FUZZ,),),),
    "roles": (((ROLES,),),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    round: Round
    green: bool
    seconds: float


def prove(phases: tuple[Phase, ...], *, extra: list[str]) -> bool:
    """Runs every round, also after one that failed; True if all are green."""
    results = [result for lanes in phases for result in _side_by_side(lanes, extra=extra)]
    console.rule(style="dim")
    for result in results:
        mark = "[green]✓[/]" if result.green else "[red]✗[/]"
        console.print(f"  {mark} {result.round.name:<29} [dim]{result.seconds:6.1f} s[/]")
    return all(result.green for result in results)


def _side_by_side(lanes: Phase, *, extra: list[str]) -> list[Result]:
    """The first lane prints as it goes, the others when they are done."""
    with ThreadPoolExecutor(len(lanes)) as pool:
        futures = [pool.submit(_run, lane, live=number == 0, extra=extra) for number, lane in enumerate(lanes)]
        return [result for future in futures for result in future.result()]


def _run(lane: Lane, *, live: bool, extra: list[str]) -> list[Result]:
    results = []
    for each in lane:
        if live:
            console.rule(f"[bold]{each.name}[/]", align="left", style="dim")
        started = time.monotonic()
        command = [sys.executable, "-m", "pytest", *each.folders, *each.options, "--durations=5", *extra]
        done = subprocess.run(
            command,
            cwd=ROOT,
            check=False,
            text=True,
            stdout=None if live else subprocess.PIPE,
            stderr=None if live else subprocess.STDOUT,
        )
        if not live:
            console.rule(f"[bold]{each.name}[/]", align="left", style="dim")
            console.out(done.stdout, end="", highlight=False)
        results.append(Result(round=each, green=done.returncode == 0, seconds=time.monotonic() - started))
    return results
