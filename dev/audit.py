"""`make audit`: whether an advisory names a version that is locked here, of Python's and npm's packages.

The advisories lie with PyPI and npm. Where the network does not lead there nothing is compared, and that is said.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dev.paths import ROOT
from dev.steps import console

LOCKS = tuple(f"requirements/{name}.lock" for name in ("runtime", "dev", "cloud", "bootstrap", "bench"))
TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Finding:
    package: str
    advisory: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`unknown` are packages of which whoever was asked knows nothing: that is no clean bill."""

    findings: list[Finding]
    unknown: int = 0


def audit() -> bool:
    """Prints what was found; False if anything was."""
    clean = True
    for name, answer in (*((lock, of_python(lock)) for lock in LOCKS), ("package-lock.json", of_npm())):
        if answer is None:
            console.print(f"  [yellow]![/] {name:<28} not compared: the advisories can't be reached from here")
            continue
        clean = clean and not answer.findings
        for each in answer.findings:
            console.print(f"  [red]✗[/] {name:<28} {each.package}: {each.advisory}")
        if answer.unknown:
            console.print(f"  [yellow]![/] {name:<28} {answer.unknown} packages not compared: nobody knows them")
        elif not answer.findings:
            console.print(f"  [green]✓[/] {name:<28} no advisory")
    return clean


def of_python(lock: str) -> Answer | None:
    """None if nobody could be asked, or nobody knew any of the packages."""
    options = (
        "--requirement",
        lock,
        "--require-hashes",
        "--disable-pip",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    )
    answer = _asked([sys.executable, "-m", "pip_audit", *options])
    if answer is None or "dependencies" not in answer:
        return None
    known = [package for package in answer["dependencies"] if "skip_reason" not in package]
    if not known:
        return None
    found = [
        Finding(f"{package['name']} {package['version']}", problem["id"])
        for package in known
        for problem in package.get("vulns", [])
    ]
    return Answer(found, unknown=len(answer["dependencies"]) - len(known))


def of_npm() -> Answer | None:
    """None if nobody could be asked."""
    answer = _asked(["npm", "audit", "--json"])
    if answer is None or "vulnerabilities" not in answer:
        return None
    return Answer([Finding(name, str(found["severity"])) for name, found in answer["vulnerabilities"].items()])


def _asked(command: Sequence[str]) -> dict[str, Any] | None:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return answer if isinstance(answer, dict) else None
