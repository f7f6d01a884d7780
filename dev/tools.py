"""Where the programs are: on PATH, in the places Debian hides them from users, or unpacked into .veza/bin."""

import os
import shutil
from pathlib import Path

from dev.paths import HOME
from dev.problem import Problem

UNPACKED = HOME / "debs" / "unpacked"
_TESTFILES = Path("usr/share/clamav-testfiles")


def search_path() -> str:
    """PATH with .veza/bin first and the sbin folders, where Debian puts clamd, last."""
    return os.pathsep.join([str(HOME / "bin"), os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin"])


def find(program: str) -> Path | None:
    """The program's path, or None."""
    found = shutil.which(program, path=search_path())
    return Path(found) if found else None


def require(program: str) -> Path:
    """The program's path; a Problem says how to get it."""
    found = find(program)
    if found is None:
        raise Problem(f"The program {program} is missing.", hint="Run `make bootstrap`, it installs what is missing.")
    return found


def ffmpeg() -> Path:
    """The FFmpeg that transcodes everywhere: imageio-ffmpeg's static binary, not the system's."""
    import imageio_ffmpeg  # type: ignore[import-untyped]

    return Path(imageio_ffmpeg.get_ffmpeg_exe())


def clamd() -> Path:
    return require("clamd")


def clamav_testfiles() -> list[Path]:
    """Debian's harmless samples in dozens of packers and archives; empty where the package does not exist."""
    for root in (Path("/"), UNPACKED):
        folder = root / _TESTFILES
        if folder.is_dir():
            return sorted(path for path in folder.iterdir() if path.is_file())
    return []
