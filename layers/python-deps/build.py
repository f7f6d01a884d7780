#!/usr/bin/env python3
"""The Python packages of requirements/runtime.lock for one platform, trimmed to what we call.

    build.py --platform {linux-x86_64|linux-aarch64} --python 3.13 --out DIR

DIR gets `python/`, which Lambda puts on sys.path (/opt/python). Wheels only, each checked by its hash; a package
without a wheel for the platform fails the build. infra/packages.py calls this, adds the bytecode and keeps the zip.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements" / "runtime.lock"
# Lambda's Python 3.13 runs on Amazon Linux 2023, which has glibc 2.34.
UV_PLATFORMS = {"linux-x86_64": "x86_64-manylinux_2_34", "linux-aarch64": "aarch64-manylinux_2_34"}
# botocore describes 440 services in 27 MB; a function reads the descriptions of these alone.
SERVICES = frozenset(
    {"apigatewaymanagementapi", "dynamodb", "events", "kms", "s3", "secretsmanager", "sesv2", "sqs", "sts"}
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--platform", choices=sorted(UV_PLATFORMS), required=True)
    parser.add_argument("--python", required=True, help="major.minor of the Lambda runtime")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    target = options.out / "python"
    install(target, platform=options.platform, python=options.python)
    trim(target)


def install(target: Path, *, platform: str, python: str) -> None:
    arguments = ["uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    arguments += ["--link-mode", "copy", "--no-config", "--python", sys.executable, "--python-version", python]
    arguments += ["--python-platform", UV_PLATFORMS[platform], "--target", str(target), "--requirements", str(LOCK)]
    subprocess.run(arguments, check=True)


def trim(target: Path) -> None:
    """Removes what no function reads: other services' descriptions, console scripts, type stubs, C headers."""
    for package in ("botocore", "boto3"):
        for folder in (target / package / "data").iterdir():
            if folder.is_dir() and folder.name not in SERVICES:
                shutil.rmtree(folder)
    for leftover in ("bin", "include", ".lock"):
        path = target / leftover
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for stub in (*target.rglob("*.pyi"), *target.rglob("*.h"), *target.rglob("*.c")):
        stub.unlink()


if __name__ == "__main__":
    main()
