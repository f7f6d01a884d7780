"""`make test` and the tests of `make check`: which folders, in which order, with which doors to the outside open."""

import subprocess
import sys
import time
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


QUICK = (Round(name="unit and contract", folders=("tests/unit", "tests/contract"), options=NO_SOCKETS),)
ALL = (
    *QUICK,
    Round(name="infra", folders=("tests/infra",), options=LOOPBACK_ONLY),
    # One process, because they share one cloud and its deploy.
    Round(name="cloud", folders=("tests/integration", "tests/e2e", "tests/faults"), options=LOOPBACK_ONLY),
)


def prove(rounds: tuple[Round, ...], *, extra: list[str]) -> bool:
    """Runs every round, also after one that failed; True if all are green."""
    results: list[tuple[str, int, float]] = []
    for each in rounds:
        console.rule(f"[bold]{each.name}[/]", align="left", style="dim")
        started = time.monotonic()
        command = [sys.executable, "-m", "pytest", *each.folders, *each.options, "--durations=5", *extra]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        results.append((each.name, code, time.monotonic() - started))
    console.rule(style="dim")
    for name, code, seconds in results:
        console.print(f"  {'[green]✓[/]' if code == 0 else '[red]✗[/]'} {name:<24} [dim]{seconds:6.1f} s[/]")
    return all(code == 0 for _, code, _ in results)
