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

LOCKS = ("requirements/runtime.lock", "requirements/dev.lock", "requirements/cloud.lock")
TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Finding:
    package: str
    advisory: str


def audit() -> bool:
    """Prints what was found; False if anything was."""
    clean = True
    for name, found in (*((lock, of_python(lock)) for lock in LOCKS), ("package-lock.json", of_npm())):
        if found is None:
            console.print(f"  [yellow]![/] {name:<28} not compared: the advisories can't be reached from here")
        elif found:
            clean = False
            for each in found:
                console.print(f"  [red]✗[/] {name:<28} {each.package}: {each.advisory}")
        else:
            console.print(f"  [green]✓[/] {name:<28} no advisory")
    return clean


def of_python(lock: str) -> list[Finding] | None:
    """None if nobody could be asked."""
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
    return [
        Finding(f"{package['name']} {package['version']}", problem["id"])
        for package in answer["dependencies"]
        for problem in package.get("vulns", [])
    ]


def of_npm() -> list[Finding] | None:
    """None if nobody could be asked."""
    answer = _asked(["npm", "audit", "--json"])
    if answer is None or "vulnerabilities" not in answer:
        return None
    return [Finding(name, str(found["severity"])) for name, found in answer["vulnerabilities"].items()]


def _asked(command: Sequence[str]) -> dict[str, Any] | None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
