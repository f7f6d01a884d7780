"""Tags around the audio of raw streams: ID3v2 before it; ID3v1 and APEv2 behind it.

Others (Lyrics3, APEv1) are no part of the format, and a decoder takes them for damaged frames.
"""

from scan.sniff.source import Source

MAX_TAGS = 8
PADDING_MAX = 65_536


def audio_start(source: Source) -> int:
    """The offset behind any ID3v2 tags (id3v2.4.0-structure §3.1) and the zero padding some writers add."""
    at = 0
    for _ in range(MAX_TAGS):
        head = source.peek(at, 10)
        if head[:3] != b"ID3" or len(head) < 10 or any(byte & 0x80 for byte in head[6:10]):
            break
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        at += 10 + size + (10 if head[5] & 0x10 else 0)
    if at:
        padding = source.peek(at, PADDING_MAX)
        at += len(padding) - len(padding.lstrip(b"\0"))
    return at


def audio_end(source: Source, start: int) -> int:
    """The offset where ID3v1 and APEv2 tags begin, or the end of the file."""
    end = source.size
    for _ in range(MAX_TAGS):
        shorter = _without_last_tag(source, end)
        if shorter is None or shorter < start:
            break
        end = shorter
    return end


def _without_last_tag(source: Source, end: int) -> int | None:
    if end >= 128 and source.peek(end - 128, 3) == b"TAG":
        return end - 128
    if end >= 64 and source.peek(end - 32, 8) == b"APETAGEX":
        _version, size, _items, _flags = source.unpack("<IIII", end - 24)
        start = end - size - 32
        return start if start >= 0 and source.peek(start, 8) == b"APETAGEX" else None
    return None
