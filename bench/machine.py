"""What a measurement was made on; without it numbers say nothing."""

import os
import platform
import subprocess
from pathlib import Path

from dev import tools
from dev.paths import CLOUD_PYTHON


def described() -> dict[str, str | int]:
    """CPU model, cores, memory and the versions of Python and the engines."""
    return {
        "cpu": _field("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count() or 1,
        "memory_mb": int(_field("/proc/meminfo", "MemTotal").split()[0]) // 1024,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "clamav": _said(tools.clamd(), "--version"),
        "ffmpeg": _said(tools.ffmpeg(), "-version").partition("version ")[2].partition(" ")[0],
        "ministack": _installed("ministack"),
    }


def _field(path: str, name: str) -> str:
    """The first value of `name` in a file of `name: value` lines."""
    lines = Path(path).read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "0")


def _said(program: Path, option: str) -> str:
    """The first line of what a program says of its version."""
    done = subprocess.run([str(program), option], capture_output=True, text=True, check=True, timeout=30)
    return done.stdout.strip().partition("\n")[0]


def _installed(package: str) -> str:
    """The version in MiniStack's own environment."""
    found = CLOUD_PYTHON.parent.parent.glob(f"lib/python*/site-packages/{package}-*.dist-info")
    return next((folder.name.removesuffix(".dist-info").partition("-")[2] for folder in found), "")
