#!/usr/bin/env python3
"""The static ffmpeg of the locked imageio-ffmpeg wheel, as bin/ffmpeg, for one platform.

    build.py --platform {linux-x86_64|linux-aarch64} --python 3.13 --out DIR

It is the very program that tests and the local stage run. The wheel is checked by its hash; a platform without a
wheel fails the build. infra/packages.py calls this and keeps the zip (DIR appears under /opt).
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements" / "dev.lock"
PACKAGE = "imageio-ffmpeg"
UV_PLATFORMS = {"linux-x86_64": "x86_64-manylinux_2_34", "linux-aarch64": "aarch64-manylinux_2_34"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--platform", choices=sorted(UV_PLATFORMS), required=True)
    parser.add_argument("--python", required=True, help="major.minor of the Lambda runtime")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        wheel = Path(scratch, "wheel")
        unpack(wheel, Path(scratch, "requirements.txt"), platform=options.platform, python=options.python)
        program = next(wheel.glob("imageio_ffmpeg/binaries/ffmpeg-linux-*"))
        place(program, options.out / "bin" / "ffmpeg")


def locked(lock: str) -> str:
    """The lock's entry of the package, version and hashes."""
    entry = re.search(rf"(?m)^{PACKAGE}==.*(?:\n +--hash=.*)+", lock)
    if entry is None:
        sys.exit(f"{LOCK.name} has no {PACKAGE}")
    return entry[0]


def unpack(target: Path, requirements: Path, *, platform: str, python: str) -> None:
    requirements.write_text(locked(LOCK.read_text()) + "\n")
    arguments = ["uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    arguments += ["--link-mode", "copy", "--no-config", "--python", sys.executable, "--python-version", python]
    arguments += ["--python-platform", UV_PLATFORMS[platform], "--target", str(target)]
    subprocess.run([*arguments, "--requirements", str(requirements)], check=True)


def place(program: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(program, target)
    target.chmod(0o755)


if __name__ == "__main__":
    main()
