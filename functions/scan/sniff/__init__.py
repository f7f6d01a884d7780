"""Accepts audio by its structure: allowed container, one audio stream, nothing missing, nothing behind.

No decoder runs here: the sniffer walks the containers' own tables by random access, every loop bounded, so it is
quick on two gigabytes and safe on hostile bytes. Whether the audio decodes is for the transcoder to prove.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from core.domain.errors import MediaRejected
from core.domain.media import EXTENSIONS, Container, SourceFacts
from core.domain.reasons import ReasonCode
from scan.sniff import aiff, flac, foreign, mp4, mpeg, ogg, riff
from scan.sniff.source import Data, Source

__all__ = ["sniff"]


class Family(NamedTuple):
    container: Container
    recognise: Callable[[Source], bool]
    read: Callable[[Source], SourceFacts]


FAMILIES: Final = (
    Family(Container.WAV, riff.recognise, riff.read),
    Family(Container.AIFF, aiff.recognise, aiff.read),
    Family(Container.FLAC, flac.recognise, flac.read),
    Family(Container.OGG, ogg.recognise, ogg.read),
    Family(Container.MP4, mp4.recognise, mp4.read),
    Family(Container.ADTS, mpeg.recognise_adts, mpeg.read_adts),
    Family(Container.MP3, mpeg.recognise_mp3, mpeg.read_mp3),
)
"""Asked in this order: those with a magic number first, the bare frame streams last."""


def sniff(data: Data, filename: str) -> SourceFacts:
    """What the container promises. Raises MediaRejected with the reason that helps the artist most."""
    source = Source(data)
    if source.size == 0:
        raise MediaRejected(ReasonCode.EMPTY)
    foreign_reason = foreign.recognise(source)
    if foreign_reason is not None:
        raise MediaRejected(foreign_reason)
    family = next((family for family in FAMILIES if family.recognise(source)), None)
    if family is None:
        raise MediaRejected(ReasonCode.NOT_AUDIO)
    facts = family.read(source)
    if foreign.ends_as_zip(source):
        raise MediaRejected(ReasonCode.ARCHIVE)
    _, dot, extension = filename.rpartition(".")
    if not dot or family.container not in EXTENSIONS.get(extension.lower(), frozenset()):
        raise MediaRejected(ReasonCode.EXTENSION_MISMATCH)
    return facts
