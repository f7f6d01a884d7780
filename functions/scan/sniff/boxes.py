"""The boxes of ISO 14496-12, and the audio descriptions inside them."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from core.domain.media import Codec
from core.domain.reasons import ReasonCode as R
from scan.sniff.checks import refuse
from scan.sniff.mpeg import AAC_CHANNELS, AAC_RATES
from scan.sniff.source import Source

MAX_BOXES: Final = 100_000
"""Children of one box; a six-hour file in half-second fragments has 86,400."""
AAC_OBJECT_TYPES: Final = {0x40, 0x66, 0x67, 0x68}
"""ISO 14496-1 §7.2.6.6.2, table 5: MPEG-4 audio, MPEG-2 AAC main, LC, SSR."""
SBR, PS = 5, 29
AAC_LC: Final = 2


class Box(NamedTuple):
    kind: bytes
    start: int
    body: int
    end: int
    open_ended: bool = False
    """Written with size 0: reaches to the end of the file."""


def children(source: Source, start: int, end: int) -> Iterator[Box]:
    """The boxes that lie in start..end; CORRUPT if they don't fit, whatever is left over ends the walk."""
    at = start
    for _ in range(MAX_BOXES):
        if at + 8 > end:
            return
        size, kind, body = source.u32(at), source.peek(at + 4, 4), at + 8
        if size == 1:
            size, body = source.unpack(">Q", at + 8)[0], at + 16
        box_end = end if size == 0 else at + size
        if box_end < body or box_end > end:
            refuse(R.CORRUPT, f"box {kind!r} does not fit")
        yield Box(kind, at, body, box_end, size == 0)
        at = box_end
    refuse(R.CORRUPT, "too many boxes")


def child(source: Source, parent: Box, *path: bytes) -> Box | None:
    """The first box at `path` below `parent`."""
    found: Box | None = parent
    for kind in path:
        if found is None:
            return None
        found = next((box for box in children(source, found.body, found.end) if box.kind == kind), None)
    return found


def needed(source: Source, parent: Box, *path: bytes) -> Box:
    return child(source, parent, *path) or refuse(R.CORRUPT, f"no {b'/'.join(path)!r}")


class AudioForm(NamedTuple):
    codec: Codec
    rate: int
    channels: int
    bits: int | None


def audio_form(source: Source, stsd: Box) -> AudioForm:
    """Codec and form from the one sample description; FORMAT_UNSUPPORTED for anything but AAC and ALAC."""
    if source.u32(stsd.body + 4) != 1:
        refuse(R.FORMAT_UNSUPPORTED, "several sample descriptions")
    entry = next(children(source, stsd.body + 8, stsd.end), None) or refuse(R.CORRUPT, "empty stsd")
    # SoundDescription versions 1 and 2 of QuickTime put 16 and 36 more bytes before the boxes.
    more = {0: 0, 1: 16, 2: 36}.get(source.unpack(">H", entry.body + 8)[0])
    if more is None or entry.kind not in {b"mp4a", b"alac"}:
        refuse(R.FORMAT_UNSUPPORTED, f"codec {entry.kind!r}")
    inside = entry._replace(body=entry.body + 28 + more)
    wave = child(source, inside, b"wave")
    channels, _bits = source.unpack(">HH", entry.body + 16)
    rate = source.u32(entry.body + 24) >> 16
    if entry.kind == b"alac":
        return _alac(source, child(source, inside, b"alac") or (needed(source, wave, b"alac") if wave else None))
    esds = child(source, inside, b"esds") or (child(source, wave, b"esds") if wave else None)
    return _aac(source, esds or refuse(R.CORRUPT, "no esds"), rate, channels)


def _alac(source: Source, cookie: Box | None) -> AudioForm:
    """ALACSpecificConfig of Apple's ALACMagicCookieDescription.txt, behind version and flags."""
    if cookie is None or cookie.end - cookie.body < 28:
        refuse(R.CORRUPT, "no ALAC configuration")
    bits, channels = source.take(cookie.body + 9, 1)[0], source.take(cookie.body + 13, 1)[0]
    return AudioForm(Codec.ALAC, source.u32(cookie.body + 24), channels, bits)


def _aac(source: Source, esds: Box, rate: int, channels: int) -> AudioForm:
    object_type, config = _decoder_config(source.peek(esds.body + 4, min(esds.end - esds.body - 4, 256)))
    if object_type not in AAC_OBJECT_TYPES:
        refuse(R.FORMAT_UNSUPPORTED, f"MPEG-4 object type {object_type:#x}")
    if len(config) < 2:
        return AudioForm(Codec.AAC, rate, channels, None)
    bits = int.from_bytes(config[:8].ljust(8, b"\0"), "big")
    kind, rate_code, channel_code = bits >> 59, bits >> 55 & 15, bits >> 51 & 15
    if kind not in {1, AAC_LC, 3, 4, SBR, PS}:
        refuse(R.FORMAT_UNSUPPORTED, f"AAC object type {kind}")
    if rate_code == 15:
        return AudioForm(Codec.AAC, rate, channels, None)
    if kind in {SBR, PS}:
        rate_code = bits >> 47 & 15
    if rate_code >= len(AAC_RATES):
        refuse(R.FORMAT_UNSUPPORTED, "unusual AAC rate")
    known = AAC_CHANNELS[channel_code] if channel_code < len(AAC_CHANNELS) else 0
    core = AAC_RATES[rate_code]
    # Implicit SBR: the entry gives the doubled rate that a decoder arrives at.
    doubled = rate if rate == 2 * core else core
    return AudioForm(Codec.AAC, doubled, 2 if kind == PS else known or channels, None)


def _decoder_config(raw: bytes) -> tuple[int, bytes]:
    """(object type, AudioSpecificConfig) from an ES_Descriptor (ISO 14496-1 §7.2.6.5)."""
    at, object_type = 0, 0
    for _ in range(8):
        if at >= len(raw):
            break
        tag, at = raw[at], at + 1
        size = 0
        for _ in range(4):
            byte = raw[at] if at < len(raw) else 0
            size, at = size << 7 | byte & 0x7F, at + 1
            if not byte & 0x80:
                break
        if tag == 3:  # ES_Descriptor: ES_ID, then flags that announce optional fields
            flags = raw[at + 2] if at + 2 < len(raw) else 0
            url = raw[at + 3 + 2 * (flags >> 7)] + 1 if flags & 0x40 and at + 5 < len(raw) else 0
            at += 3 + 2 * (flags >> 7) + url + 2 * (flags >> 5 & 1)
        elif tag == 4:  # DecoderConfigDescriptor
            object_type = raw[at] if at < len(raw) else 0
            at += 13
        elif tag == 5:  # DecoderSpecificInfo
            return object_type, raw[at : at + size]
        else:
            at += size
    return object_type, b""
