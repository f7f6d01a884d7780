"""What a sample is, and the cache it lives in."""

import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from core.domain.media import LOSSLESS_CODECS, Codec, Container
from core.domain.reasons import ReasonCode

Recipe = Callable[[Path], None]
"""Writes the file at the path it is given."""


class RefusedBy(StrEnum):
    """Which worker has to refuse a bad sample."""

    SCAN = "scan"
    TRANSCODE = "transcode"


@functools.cache
def folder() -> Path:
    """The cache, private to this user and to this version of the recipes and of ffmpeg."""
    version = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        version.update(source.read_bytes())
    version.update(subprocess.run(["ffmpeg", "-version"], check=True, capture_output=True).stdout.split(b"\n")[0])
    path = Path(tempfile.gettempdir()) / f"veza-corpus-{os.getuid()}-{version.hexdigest()[:12]}"
    path.mkdir(mode=0o700, exist_ok=True)
    if path.stat().st_uid != os.getuid():
        raise RuntimeError(f"{path} belongs to somebody else")
    return path


def cached(name: str, recipe: Recipe) -> Path:
    """The file `name`, made by `recipe` if it is not there yet."""
    path = folder() / name
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=folder()) as scratch:
            fresh = Path(scratch) / name
            recipe(fresh)
            fresh.replace(path)
    return path


def ffmpeg(*arguments: str) -> None:
    """Runs Debian's ffmpeg; output is bit-exact, so it is the same on every run."""
    program = shutil.which("ffmpeg") or "/usr/bin/ffmpeg"
    subprocess.run(
        [program, "-nostdin", "-hide_banner", "-v", "error", "-y", *arguments],
        check=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


@dataclass(frozen=True, kw_only=True)
class Sample:
    """An acceptable file. `samples` is the true count per channel that went into the encoder."""

    name: str
    filename: str
    container: Container
    codec: Codec
    sample_rate: int
    channels: int
    samples: int
    bits_per_sample: int | None = None
    tags: dict[str, str] = field(default_factory=dict)
    has_cover: bool = False
    arguments: tuple[str, ...] = ()
    """ffmpeg's, of its encoder; none if it is not ffmpeg that makes the file."""
    recipe: Recipe = field(repr=False, compare=False)

    @property
    def lossless(self) -> bool:
        return self.codec in LOSSLESS_CODECS

    @property
    def path(self) -> Path:
        return cached(f"{self.name}.{self.filename.rpartition('.')[2]}", self.recipe)

    def read(self) -> bytes:
        return self.path.read_bytes()

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, kw_only=True)
class BadSample:
    """A file to be refused with `reason`. `sniffed` is what the sniffer alone says, if clamd speaks first."""

    name: str
    filename: str
    reason: ReasonCode
    sniffed: ReasonCode | None = None
    refused_by: RefusedBy = RefusedBy.SCAN
    recipe: Recipe = field(repr=False, compare=False)

    @property
    def path(self) -> Path:
        return cached(f"bad-{self.name}", self.recipe)

    def read(self) -> bytes:
        return self.path.read_bytes()

    def __str__(self) -> str:
        return self.name


AnySample = TypeVar("AnySample", Sample, BadSample)


def named(samples: Sequence[AnySample], name: str) -> AnySample:
    by_name = {sample.name: sample for sample in samples}
    if name not in by_name:
        raise KeyError(f"no sample {name!r}; there are {', '.join(by_name)}")
    return by_name[name]
