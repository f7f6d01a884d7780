"""Noise-like audio of given sizes: nothing in it repeats for long, as in music, so no engine gets it cheaply."""

import subprocess
from pathlib import Path
from typing import Final

from dev import tools

MB: Final = 1_000_000
FORMATS: Final = ("wav", "flac", "mp3")
NOISE: Final = "anoisesrc=c=pink:r=44100:a=0.4,aformat=channel_layouts=stereo"
BYTES_PER_S: Final = {"wav": 176_400, "flac": 67_400, "mp3": 40_000}
"""Of that noise: 16 bits, what FLAC makes of them, and 320 kbit/s."""


def make(folder: Path, kind: str, megabytes: int) -> Path:
    """A file of about that many megabytes; a long MP3 repeats its first megabyte, as encoding takes minutes."""
    path = folder / f"{megabytes}.{kind}"
    seconds = megabytes * MB / BYTES_PER_S[kind]
    if kind == "mp3" and megabytes > 1:
        first = folder / "1.mp3"
        if not first.exists():
            make(folder, "mp3", 1)
        source = ["-stream_loop", str(megabytes), "-i", str(first), "-c", "copy"]
    else:
        source = ["-f", "lavfi", "-i", NOISE, "-sample_fmt", "s16p" if kind == "mp3" else "s16"]
        source += ["-b:a", "320k"] if kind == "mp3" else []
    command = [str(tools.ffmpeg()), "-v", "error", "-y", *source, "-t", f"{seconds:.3f}", str(path)]
    subprocess.run(command, check=True, timeout=600)
    return path
