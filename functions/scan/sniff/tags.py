"""Tags around the audio of raw streams: ID3v2 before it; ID3v1, Lyrics3 and APE behind it."""

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
    """The offset where ID3v1, Lyrics3v2 and APEv2 tags begin, or the end of the file."""
    end = source.size
    for _ in range(MAX_TAGS):
        shorter = _without_last_tag(source, end)
        if shorter is None or shorter < start:
            break
        end = shorter
    return end


def without_id3v1(source: Source) -> int:
    """The offset where an ID3v1 tag begins, or the end of the file."""
    return source.size - 128 if source.size > 128 and source.peek(source.size - 128, 3) == b"TAG" else source.size


def _without_last_tag(source: Source, end: int) -> int | None:
    if end >= 128 and source.peek(end - 128, 3) == b"TAG":
        return end - 128
    if end >= 32 and source.peek(end - 32, 8) == b"APETAGEX":
        _version, size, _items, flags = source.unpack("<IIII", end - 24)
        return end - size - (32 if flags & 0x8000_0000 else 0)
    if end >= 15 and source.peek(end - 9, 9) == b"LYRICS200":
        digits = source.peek(end - 15, 6)
        return end - 15 - int(digits) if digits.isdigit() else None
    return None
