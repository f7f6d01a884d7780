"""Bytecode for the packages: without it every cold start compiles, twice the CPU of the import itself.

compileall writes the bytecode of the interpreter that runs it and of no other, so packages for Python 3.13 get theirs
only on a machine that has a 3.13. Elsewhere the packages work all the same, and the build says it aloud.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path


@cache
def find_interpreter(version: str) -> str | None:
    """A Python of `version` (major.minor) that really starts: this one, one on PATH, or one that pyenv or uv keeps."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    kept = (Path.home() / ".pyenv" / "versions", Path.home() / ".local" / "share" / "uv" / "python")
    installed = [str(path) for root in kept for path in sorted(root.glob(f"*{version}.*/bin/python{version}"))]
    for candidate in (f"python{version}", *installed):
        program = shutil.which(candidate)
        if program and subprocess.run([program, "-I", "-c", ""], check=False, capture_output=True).returncode == 0:
            return program
    print(f"warning: no Python {version} on this machine, packages get no bytecode and start slower", file=sys.stderr)
    return None


@dataclass(frozen=True, slots=True)
class Bytecode:
    """`python` is major.minor; `installed_at` the folder that tracebacks shall show."""

    python: str
    installed_at: str
    interpreter: str | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "interpreter", find_interpreter(self.python))

    def write(self, folder: Path) -> None:
        """Writes __pycache__ for every module below `folder`, if there is an interpreter for it.

        `unchecked-hash` makes Python trust it without looking at the source's date, which a zip changes.
        """
        if self.interpreter is None:
            return
        arguments = [self.interpreter, "-I", "-m", "compileall", "-q", "-j", "0"]
        arguments += ["--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", self.installed_at]
        subprocess.run([*arguments, str(folder)], check=True)
