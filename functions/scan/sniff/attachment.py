"""What may be attached to a message, by its beginning: nothing else is handed from one person to another."""

from collections.abc import Callable, Mapping
from typing import Final

from core.domain.attachments import TYPES
from core.domain.media import EXTENSIONS
from core.domain.reasons import ReasonCode
from scan.sniff import sniff
from scan.sniff.checks import refuse
from scan.sniff.source import Data

_MIDI_HEADER: Final = b"MThd\x00\x00\x00\x06"
"""The first chunk of a Standard MIDI File, whose length is always 6 (RP-001)."""
_CONTROLS: Final = bytes(set(range(0x20)) - set(b"\t\n\f\r")) + b"\x7f"


def _webp(data: Data) -> bool:
    """https://developers.google.com/speed/webp/docs/riff_container"""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _text(data: Data) -> bool:
    """UTF-8 without control characters."""
    content = data[:]
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return content.translate(None, _CONTROLS) == content


RECOGNISE: Final[Mapping[str, Callable[[Data], bool]]] = {
    "image/jpeg": lambda data: data[:3] == b"\xff\xd8\xff",
    "image/png": lambda data: data[:8] == b"\x89PNG\r\n\x1a\n",
    "image/gif": lambda data: data[:6] in {b"GIF87a", b"GIF89a"},
    "image/webp": _webp,
    "application/pdf": lambda data: data[:5] == b"%PDF-",
    "audio/midi": lambda data: data[:8] == _MIDI_HEADER,
    "text/plain": _text,
}
"""By what a file is handed out as. Audio is walked from end to end, as the audio of tracks is."""


def sniff_attachment(data: Data, filename: str) -> None:
    """Raises MediaRejected if the content is not what the name says, or is audio that is damaged."""
    extension = filename.rpartition(".")[2].lower()
    if extension in EXTENSIONS:
        sniff(data, filename)
    elif not RECOGNISE[TYPES[extension]](data):
        refuse(ReasonCode.EXTENSION_MISMATCH)
