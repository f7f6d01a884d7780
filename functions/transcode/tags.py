"""Tags of the file as ffmpeg's `ffmetadata` gives them: chosen, trimmed, bounded, without control characters."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from core.domain.errors import EncoderFailed
from core.domain.limits import TITLE_MAX
from core.domain.media import Container, SourceFacts, Tags
from transcode import commands
from transcode.ffmpeg import FD, Ffmpeg, Output, collect

READ_MAX: Final = 256 * 1024
"""Lyrics and the like may be long; what we look for comes within this."""
NAMES: Final[dict[str, tuple[str, ...]]] = {
    "title": ("title",),
    "artist": ("artist", "album_artist"),
    "album": ("album",),
    "genre": ("genre",),
    "date": ("date", "year", "tdrc", "tyer"),
    "track_number": ("track", "tracknumber"),
    "bpm": ("bpm", "tbpm", "tmpo"),
    "isrc": ("isrc", "tsrc"),
    "comment": ("comment", "description"),
}
"""Our field, and the keys it is read from, the first found first; keys are compared in lower case."""
LONGEST: Final = {"comment": 1000}
WALL_S: Final = 60
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LINE = re.compile(r"(?:\\.|[^\\\n])+", re.DOTALL)
_KEY = re.compile(r"((?:\\.|[^=\\])+)=", re.DOTALL)


def read_tags(engine: Ffmpeg, source: SourceFacts, url: str) -> Tags:
    """The tags of the original; empty ones where ffmpeg can't read any (the encoding run judges the file)."""
    held = bytearray()
    # Ogg keeps its comments in the stream, everything else in the file
    place = "0:s:a:0" if source.container is Container.OGG else "0:g"
    output = Output(["-map_metadata", place, "-f", "ffmetadata", f"pipe:{FD}"], collect(READ_MAX, held))
    try:
        engine.run(commands.opened(source, url, strict=False), [output], wall_s=WALL_S)
    except EncoderFailed:
        return Tags()
    return parse(held.decode(errors="replace"))


def parse(ffmetadata: str) -> Tags:
    """The global section of an ffmetadata text."""
    found: dict[str, str] = {}
    for key, value in _entries(ffmetadata):
        found.setdefault(key.lower(), value)
    return Tags(**{field: _first(found, field) for field in NAMES})


def clean(text: str, longest: int) -> str | None:
    """NFC, one line, no control characters, at most `longest` characters; None if nothing is left."""
    visible = "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} else c for c in text)
    return " ".join(unicodedata.normalize("NFC", visible).split())[:longest].strip() or None


def _first(found: dict[str, str], field: str) -> str | None:
    for name in NAMES[field]:
        value = clean(found.get(name, ""), LONGEST.get(field, TITLE_MAX))
        if value is not None:
            return value
    return None


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """`key=value` lines before the first section; `=`, `;`, `#`, `\\` and line ends are escaped by `\\`."""
    for line in _LINE.finditer(text):
        if line[0] in {"[STREAM]", "[CHAPTER]"}:
            return
        key = _KEY.match(line[0])
        if key is not None and not line[0].startswith(";"):
            yield _ESCAPED.sub(r"\1", key[1]), _ESCAPED.sub(r"\1", line[0][key.end() :])
