"""Music to encode: excerpts from a folder, by default of Debian packages fetched for it, and what AAC finds hardest.

sonic-pi-samples are lossless recordings and heroes-sound-tracks modules that libopenmpt renders; hyperrogue-music
(Vorbis of about 300 kbit/s) and wesnoth-1.16-music (about 160) went through a codec before. Nothing is committed.
"""

import random
import subprocess
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dev import tools

PACKAGES: Final = ("sonic-pi-samples", "heroes-sound-tracks", "hyperrogue-music", "wesnoth-1.16-music")
ENDINGS: Final = frozenset({".flac", ".wav", ".xm", ".ogg", ".opus", ".mp3"})
SECONDS: Final = 8
SHORTEST_S: Final = 4
EACH: Final = 7
"""Files of each package."""
MADE_RATE: Final = 44_100

Mono: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A stereo WAV of 16 bits and at most SECONDS, at 44,100 or 48,000 Hz."""

    origin: str
    path: Path


def fetched(folder: Path) -> Path:
    """The packages' files in a subfolder for each; nothing is installed."""
    for package in PACKAGES:
        subprocess.run(["apt-get", "download", "-q", package], cwd=folder, check=True, capture_output=True, timeout=600)
        (archive,) = folder.glob(f"{package}_*.deb")
        subprocess.run(["dpkg-deb", "-x", str(archive), str(folder / package)], check=True, timeout=600)
        archive.unlink()
    return folder


def excerpts(music: Path, folder: Path) -> Iterator[Item]:
    """The middle of EACH files of every subfolder: nobody's choice but the same on every run."""
    for origin in sorted(path for path in music.iterdir() if path.is_dir()):
        files = sorted(path for path in origin.rglob("*") if path.suffix in ENDINGS)
        random.Random(origin.name).shuffle(files)  # noqa: S311 - a draw that can be repeated
        taken = 0
        for index, file in enumerate(files):
            path = folder / f"{origin.name}-{index}.wav"
            if taken < EACH and _cut(file, path):
                taken += 1
                yield Item(origin=origin.name, path=path)


def _cut(file: Path, path: Path) -> bool:
    """Whether the file is long enough; then its middle is at `path`."""
    command = [str(tools.ffmpeg()), "-v", "error", "-y", "-i", str(file), "-ac", "2", "-c:a", "pcm_s16le", str(path)]
    done = subprocess.run(command, check=False, capture_output=True, timeout=300)
    if done.returncode:
        return False
    with wave.open(str(path)) as whole:
        rate, frames = whole.getframerate(), whole.getnframes()
        if rate not in {44_100, 48_000} or frames < SHORTEST_S * rate:
            return False
        wanted = min(frames, SECONDS * rate)
        whole.setpos((frames - wanted) // 2)
        content = whole.readframes(wanted)
    _write(path, rate, content)
    return True


def _write(path: Path, rate: int, content: bytes) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(content)


def made(folder: Path) -> Iterator[Item]:
    """Instruments that listening tests of codecs have always used: sharp attacks, dense and high partials."""
    notes: dict[str, tuple[float, Callable[[np.random.Generator], Mono]]] = {
        "castanets": (0.23, _castanet),
        "harpsichord": (0.17, _harpsichord),
        "glockenspiel": (0.31, _glockenspiel),
    }
    for name, (every_s, note) in notes.items():
        chance = np.random.default_rng(len(name))
        stereo = np.zeros((2, SECONDS * MADE_RATE))
        for start in range(0, (SECONDS - 2) * MADE_RATE, round(every_s * MADE_RATE)):
            sound, pan = note(chance), chance.uniform(0.2, 0.8)
            stereo[:, start : start + len(sound)] += np.array([[pan], [1 - pan]]) * sound
        level = 0.5 / np.abs(stereo).max()
        path = folder / f"made-{name}.wav"
        _write(path, MADE_RATE, (stereo.T * level * 32767).astype("<i2").tobytes())
        yield Item(origin="made", path=path)


def _time(seconds: float) -> Mono:
    return np.arange(round(seconds * MADE_RATE)) / MADE_RATE


def _castanet(chance: np.random.Generator) -> Mono:
    time = _time(0.1)
    ring = np.sin(2 * np.pi * chance.uniform(1800, 3200) * time) * np.exp(-time / 0.02)
    return np.asarray(ring + chance.standard_normal(len(time)) * np.exp(-time / 0.004))


def _harpsichord(chance: np.random.Generator) -> Mono:
    time, pitch = _time(1.5), 110 * 2 ** (chance.integers(0, 36) / 12)
    partials = np.arange(1, int(16_000 / pitch))[:, None]
    phases = chance.uniform(0, 2 * np.pi, partials.shape)
    tones = np.sin(2 * np.pi * pitch * partials * time + phases) * partials**-0.6 * np.exp(-time * (1 + partials / 8))
    return np.asarray(tones.sum(axis=0))


def _glockenspiel(chance: np.random.Generator) -> Mono:
    time, pitch = _time(1.8), 1046 * 2 ** (chance.integers(0, 18) / 12)
    bars = ((1.0, 1.0, 0.6), (2.756, 0.5, 0.25), (5.404, 0.25, 0.12))
    tones = [
        size * np.sin(2 * np.pi * pitch * ratio * time) * np.exp(-time / fade)
        for ratio, size, fade in bars
        if pitch * ratio < 18_000
    ]
    return np.asarray(sum(tones))
