"""Real music for the benches: Debian's game music, joined and cut to the wanted length and format.

Each file is made once, into .veza/music; nothing of it is committed.
"""

import subprocess
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from dev import tools
from dev.paths import HOME
from dev.problem import Problem

FOLDER: Final = HOME / "music"
PACKAGES: Final = ("wesnoth-1.16-music", "wesnoth-1.18-music", "wesnoth-1.14-music")
"""The first that this machine's mirror has: the name carries the game's version."""
RECORDINGS: Final = "usr/share/games/wesnoth/*/data/core/music/*.ogg"
MINUTE: Final = 60
HOUR: Final = 3600
SHORTEST_BYTES: Final = 1_000_000
"""Below are fanfares and the file called silence."""


class Format(StrEnum):
    """The value is the ending."""

    CD_FLAC = "flac"
    HIRES_WAV = "wav"
    MP3 = "mp3"


BY_SAMPLE: Final = "asetpts=N/SR/TB"
"""Time is what was played: the recordings' own stamps drift by a second in six hours, and six hours are the limit."""
ENCODED: Final[dict[Format, tuple[str, ...]]] = {
    Format.CD_FLAC: ("-af", BY_SAMPLE, "-sample_fmt", "s16", "-c:a", "flac"),
    # Dither at 24 bits gives the upper octave the noise floor of a real converter: the recordings end at 22 kHz.
    Format.HIRES_WAV: (
        "-af",
        f"{BY_SAMPLE},aresample=96000:resampler=soxr:osf=s32:output_sample_bits=24:dither_method=triangular",
        *("-c:a", "pcm_s24le"),
    ),
    Format.MP3: ("-af", BY_SAMPLE, "-c:a", "libmp3lame", "-b:a", "320k"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some minutes of the programme from `start_s` on."""

    name: str
    format: Format
    seconds: int
    start_s: int = 0

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.format.name.lower()}-{self.start_s}-{self.seconds}.{self.format.value}"

    def made(self) -> Path:
        """The file, made now if it is not there yet."""
        if not self.path.exists():
            draft = self.path.with_suffix(f".draft.{self.format.value}")
            _ffmpeg(
                *("-f", "concat", "-safe", "0", "-ss", str(self.start_s), "-i", str(_programme())),
                *("-t", str(self.seconds), "-map", "0:a:0", "-map_metadata", "-1", *ENCODED[self.format], str(draft)),
            )
            draft.replace(self.path)
        return self.path


def distinct(count: int, seconds: int) -> list[Piece]:
    """So many different pieces: clamd would answer for the same bytes from memory."""
    step = 61
    return [
        Piece(name=f"track {number}", format=Format.CD_FLAC, seconds=seconds, start_s=number * step)
        for number in range(count)
    ]


@cache
def _programme() -> Path:
    """A list for ffmpeg's concat demuxer: every recording, and all of them again, for more than six hours."""
    recordings = sorted(path for path in _recordings() if path.stat().st_size >= SHORTEST_BYTES)
    path = FOLDER / "programme.txt"
    path.write_text("".join(f"file '{recording}'\n" for recording in recordings * 6))
    return path


def _recordings() -> list[Path]:
    unpacked = FOLDER / "unpacked"
    if not (found := list(unpacked.glob(RECORDINGS))):
        FOLDER.mkdir(parents=True, exist_ok=True)
        package = _downloaded()
        subprocess.run(["dpkg-deb", "-x", str(package), str(unpacked)], check=True, timeout=300)
        package.unlink()
        found = list(unpacked.glob(RECORDINGS))
    if not found:
        raise Problem("There is no music in the package that was downloaded.", hint=f"Look into {unpacked}.")
    return found


def _downloaded() -> Path:
    """The package, from Debian's mirror."""
    said = ""
    for name in PACKAGES:
        try:
            done = subprocess.run(
                ["apt-get", "download", name], cwd=FOLDER, capture_output=True, text=True, timeout=600, check=False
            )
        except FileNotFoundError:
            said = "there is no apt-get on this system"
            break
        said = done.stderr
        if done.returncode == 0 and (packages := list(FOLDER.glob(f"{name}_*.deb"))):
            return packages[0]
    raise Problem(
        "The benches need real music, and none of Debian's packages of it can be had.",
        hint=f"`apt-get update`, or put the unpacked package {PACKAGES[0]} into {FOLDER / 'unpacked'}.",
        detail=said,
    )


def _ffmpeg(*arguments: str) -> None:
    command = [str(tools.ffmpeg()), "-v", "error", "-nostdin", "-y", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3600, check=False)
    if done.returncode != 0:
        raise Problem("ffmpeg could not cut the music for a bench.", detail=done.stderr[-1500:])
