"""Zips of our code and of the layers, built once per content: a second synth finds them in `.veza/packages`.

A layer's recipe is `layers/{name}/build.py --platform … --python … --out DIR`; what it leaves in DIR
appears under /opt.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from infra.bytecode import Bytecode

REPOSITORY = Path(__file__).parents[1]
CACHE = REPOSITORY / ".veza" / "packages"
FORMAT = 1
"""Raised when this module packs the same sources differently."""
KEPT_PER_NAME = 6
ABANDONED_AFTER_S = 3600
"""A workspace this old belongs to a build that was killed."""
NOT_OURS = ("__pycache__", ".*")
"""What tools leave behind beside the source."""
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
EXECUTABLE, PLAIN = 0o755, 0o644


class PackagingFailed(Exception):
    """A recipe could not do its work; the message is what a person must know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """What the packages run on: `platform` is `linux-x86_64` or `linux-aarch64`, `python` is major.minor."""

    platform: str
    python: str


@cache
def code_package(runtime: Runtime) -> Path:
    """functions/ as it lies in the repository, with bytecode; the zip that every function shares."""
    source = REPOSITORY / "functions"

    def fill(folder: Path) -> None:
        shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*NOT_OURS))

    return _package("functions", [source], fill, bytecode=Bytecode(runtime.python, installed_at="/var/task"))


@cache
def layer_package(name: str, runtime: Runtime) -> Path:
    """The layer of `layers/{name}`; PackagingFailed repeats what its recipe said."""
    recipe = REPOSITORY / "layers" / name / "build.py"

    def fill(folder: Path) -> None:
        arguments = ["--platform", runtime.platform, "--python", runtime.python, "--out", str(folder)]
        finished = subprocess.run(
            [sys.executable, str(recipe), *arguments], check=False, capture_output=True, text=True
        )
        if finished.returncode != 0:
            raise PackagingFailed(f"layer {name} could not be built: {finished.stderr.strip()}")

    locks = sorted((REPOSITORY / "requirements").glob("*.lock"))
    bytecode = Bytecode(runtime.python, installed_at="/opt")
    return _package(f"layer-{name}", [recipe.parent, *locks], fill, platform=runtime.platform, bytecode=bytecode)


@cache
def page_package() -> Path:
    """The page: web/ and the player that npm installed; PackagingFailed if it did not."""
    source, player = REPOSITORY / "web", REPOSITORY / "node_modules" / "hls.js" / "dist" / "hls.light.min.mjs"
    if not player.is_file():
        raise PackagingFailed("the page's player is not installed: run `npm ci`")

    def fill(folder: Path) -> None:
        shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("package.json", "*.test.js"))
        shutil.copy2(player, folder)

    return _package("page", [source, player], fill)


def unzipped_bytes(package: Path) -> int:
    """What the package takes of Lambda's 250 MB for code and layers together."""
    with zipfile.ZipFile(package) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def _package(
    name: str,
    sources: Sequence[Path],
    fill: Callable[[Path], None],
    *,
    platform: str = "any",
    bytecode: Bytecode | None = None,
) -> Path:
    digest = _digest(sources, f"{FORMAT} {platform} {bytecode}")
    package = CACHE / f"{name}-{digest}.zip"
    if package.exists():
        package.touch()
        return package
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix=f"{name}-") as workspace:
        contents, unfinished = Path(workspace, "contents"), Path(workspace, "package.zip")
        contents.mkdir()
        fill(contents)
        if bytecode is not None:
            bytecode.write(contents)
        _zip(contents, unfinished)
        unfinished.replace(package)
    _forget_old(name)
    return package


def _digest(sources: Sequence[Path], settings: str) -> str:
    digest = hashlib.sha256(settings.encode())
    for source in sources:
        for file in _files(source):
            digest.update(f"{file.relative_to(REPOSITORY)}\0{os.access(file, os.X_OK)}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source).parts
        if path.is_file() and not any(fnmatch(part, pattern) for part in inside for pattern in NOT_OURS):
            yield path


def _zip(contents: Path, package: Path) -> None:
    """Same contents, same bytes: sorted, without dates, with the executable bit."""
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in sorted(path for path in contents.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(str(file.relative_to(contents)), ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (EXECUTABLE if os.access(file, os.X_OK) else PLAIN) << 16
            archive.writestr(entry, file.read_bytes())


def _forget_old(name: str) -> None:
    newest_first = sorted(
        CACHE.glob(f"{name}-????????????????.zip"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    for package in newest_first[KEPT_PER_NAME:]:
        package.unlink(missing_ok=True)
    for workspace in CACHE.glob(f"{name}-????????"):
        if workspace.is_dir() and workspace.stat().st_mtime < time.time() - ABANDONED_AFTER_S:
            shutil.rmtree(workspace, ignore_errors=True)
