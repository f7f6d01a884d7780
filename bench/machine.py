"""What a measurement was made on; without it numbers say nothing."""

import os
import platform
import subprocess
from pathlib import Path

from dev import tools


def described() -> dict[str, str | int]:
    """CPU model, cores, memory and the versions of Python and the engine."""
    return {
        "cpu": _field("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count() or 1,
        "memory_mb": int(_field("/proc/meminfo", "MemTotal").split()[0]) // 1024,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "clamav": _version(),
    }


def _field(path: str, name: str) -> str:
    """The first value of `name` in a file of `name: value` lines."""
    lines = Path(path).read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "0")


def _version() -> str:
    command = [str(tools.clamd()), "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()
