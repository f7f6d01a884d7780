"""`make doctor`: what this machine lacks to run Veza, in plain words."""

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from dev import tools
from dev.engine import Engine, owner_of_port, port_taken
from dev.paths import CDK, CLOUD_PYTHON, ROOT
from dev.steps import console

DISK_FREE_MIN = 3 * 1024**3
MEMORY_MIN = 2 * 1024**3


class Grade(StrEnum):
    FINE = "fine"
    WORTH_KNOWING = "worth knowing"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    grade: Grade
    subject: str
    text: str
    cure: str = ""


def examine(engine: Engine) -> list[Finding]:
    """Every check; none changes anything."""
    checks = [_system(), _python(), _node(), _installed("MiniStack", CLOUD_PYTHON), _installed("CDK", CDK)]
    checks += [_program(name) for name in ("ffmpeg", "ffprobe", "clamd", "clamscan", "freshclam")]
    return [*checks, _transcoder(), _testfiles(), _browser(), _port(engine), _disk(), _memory()]


def show(findings: list[Finding]) -> bool:
    """Prints them; True if nothing is broken."""
    marks = {Grade.FINE: "[green]✓[/]", Grade.WORTH_KNOWING: "[yellow]![/]", Grade.BROKEN: "[red]✗[/]"}
    for finding in findings:
        console.print(f"  {marks[finding.grade]} {finding.subject:<14} {finding.text}")
        if finding.cure and finding.grade is not Grade.FINE:
            console.print(f"    {'':<14} [dim]→ {finding.cure}[/]")
    broken = [finding for finding in findings if finding.grade is Grade.BROKEN]
    console.print(f"\n{'[green]Nothing is missing.[/]' if not broken else f'[red]{len(broken)} to repair.[/]'}")
    return not broken


def version_of(command: list[str]) -> str | None:
    """The first words a program says about itself; None if it can't even do that."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = (result.stdout or result.stderr).strip().splitlines()
    return lines[0].strip() if result.returncode == 0 and lines else None


def _system() -> Finding:
    debian = shutil.which("apt-get") and shutil.which("dpkg")
    text = f"{platform.system()} {platform.release()}, {platform.machine()}, {os.cpu_count()} processors"
    if debian:
        return Finding(Grade.FINE, "system", text)
    cure = "Install ffmpeg and ClamAV yourself; everything else `make up` brings along."
    return Finding(Grade.WORTH_KNOWING, "system", f"{text}: no apt here", cure)


def _python() -> Finding:
    version = platform.python_version()
    theirs = version_of([str(CLOUD_PYTHON), "-c", "import platform; print(platform.python_version())"])
    if theirs is not None and theirs != version:
        text = f"{version}, but MiniStack's environment has {theirs}"
        return Finding(
            Grade.BROKEN, "python", text, "They must be the same: `rm -rf .venv .veza/cloud && make bootstrap`."
        )
    return Finding(Grade.FINE, "python", f"{version} in .venv")


def _node() -> Finding:
    version = version_of(["node", "--version"])
    if version is None:
        return Finding(Grade.BROKEN, "node", "missing", "Install Node 20 or newer with npm.")
    if int(version.removeprefix("v").split(".")[0]) < 20:
        return Finding(Grade.BROKEN, "node", f"{version} is too old", "Install Node 20 or newer with npm.")
    return Finding(Grade.FINE, "node", version)


def _installed(name: str, path: Path) -> Finding:
    if path.exists():
        return Finding(Grade.FINE, name, f"installed in {path.relative_to(ROOT).parts[0]}/")
    return Finding(Grade.BROKEN, name, "not installed", "Run `make bootstrap`.")


def _program(name: str) -> Finding:
    path = tools.find(name)
    if path is None:
        return Finding(Grade.BROKEN, name, "missing", "Run `make bootstrap`.")
    # clamd and freshclam want a configuration before they tell their version, but always help.
    said = version_of([str(path), "-version" if name.startswith("ff") else "--help"])
    if said is None:
        return Finding(Grade.BROKEN, name, f"{path} does not start", f"Run `{path}` to see why.")
    return Finding(Grade.FINE, name, f"{said.split(' Copyright')[0]}  ({path})")


def _transcoder() -> Finding:
    path = tools.ffmpeg()
    said = version_of([str(path), "-version"])
    if said is None:
        return Finding(Grade.BROKEN, "transcoder", f"{path} does not start", "Run `make bootstrap`.")
    return Finding(Grade.FINE, "transcoder", f"{said.split(' Copyright')[0]}, static")


def _testfiles() -> Finding:
    count = len(tools.clamav_testfiles())
    if count:
        return Finding(Grade.FINE, "testfiles", f"{count} of clamav-testfiles")
    cure = "Debian's package clamav-testfiles; without it the builtin definitions know EICAR alone, and tests fail."
    return Finding(Grade.WORTH_KNOWING, "testfiles", "clamav-testfiles is missing", cure)


def _browser() -> Finding:
    path = tools.find("chromium")
    if path is None:
        cure = "`make test` installs it, or `make bootstrap-browser`; nothing else needs it."
        return Finding(Grade.WORTH_KNOWING, "chromium", "missing", cure)
    said = version_of([str(path), "--version"])
    if said is None:
        return Finding(Grade.BROKEN, "chromium", f"{path} does not start", f"Run `{path} --version` to see why.")
    return Finding(Grade.FINE, "chromium", f"{said}  ({path})")


def _port(engine: Engine) -> Finding:
    if engine.pid() is not None:
        return Finding(Grade.FINE, "port", f"{engine.port} is our MiniStack's")
    if port_taken(engine.port):
        who = owner_of_port(engine.port) or "another program"
        return Finding(Grade.BROKEN, "port", f"{engine.port} is taken by {who}", f"VEZA_PORT={engine.port + 1} make up")
    return Finding(Grade.FINE, "port", f"{engine.port} is free")


def _disk() -> Finding:
    free = shutil.disk_usage(ROOT).free
    text = f"{free / 1024**3:.1f} GiB free"
    if free < DISK_FREE_MIN:
        return Finding(Grade.BROKEN, "disk", text, "Environments and a few uploads need 3 GiB.")
    return Finding(Grade.FINE, "disk", text)


def _memory() -> Finding:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    text = f"{total / 1024**3:.1f} GiB"
    if total < MEMORY_MIN:
        return Finding(
            Grade.WORTH_KNOWING, "memory", text, "With the official virus definitions clamd alone takes 1.2 GiB."
        )
    return Finding(Grade.FINE, "memory", text)
