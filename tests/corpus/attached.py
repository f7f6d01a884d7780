"""The smallest file of each kind that may be attached to a message, besides audio."""

import struct
import zlib
from collections.abc import Mapping
from typing import Final


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png() -> bytes:
    """One grey pixel."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\x00\x80")
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _midi() -> bytes:
    track = b"\x00\x90\x3c\x40\x60\x80\x3c\x40\x00\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + b"MTrk" + struct.pack(">I", len(track)) + track


PNG: Final = _png()
ATTACHED: Final[Mapping[str, bytes]] = {
    "cover.png": PNG,
    "cover.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9",
    "cover.jpeg": b"\xff\xd8\xff\xdb\xff\xd9",
    "dance.gif": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "cover.webp": b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0",
    "score.pdf": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
    "riff.mid": _midi(),
    "RIFF.MIDI": _midi(),
    "lyrics.txt": "Über den Wolken\r\n\tmuß die Freiheit\n".encode(),
}
"""By a name of theirs."""
