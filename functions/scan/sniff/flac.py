"""FLAC (RFC 9639): the metadata, and a check that the last frame is the promised one and ends at the end."""

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from core.domain.media import Codec, Container, SourceFacts
from core.domain.reasons import ReasonCode as R
from scan.sniff.checks import facts, refuse
from scan.sniff.checksums import crc8_flac, crc16_flac
from scan.sniff.flac_frame import Ended, Invalid, frame_length
from scan.sniff.source import Source
from scan.sniff.tags import audio_start

MAX_BLOCKS: Final = 4_096
MAX_CANDIDATES: Final = 50_000
"""Places that look like a frame header, taken from the end; noise has one in 32 KiB."""
MAX_FRAME: Final = 4 * 1024 * 1024
"""Bytes: 65,535 samples of 8 channels with 32 bits are half of it."""
BLOCK_SIZES: Final = {1: 192, **{n: 144 << n for n in range(2, 6)}, **{n: 1 << n for n in range(8, 16)}}
RATES: Final = (0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000)
DEPTHS: Final = {1: 8, 2: 12, 4: 16, 5: 20, 6: 24, 7: 32}


class StreamInfo(NamedTuple):
    min_block: int
    max_block: int
    sample_rate: int
    channels: int
    bits: int
    samples: int


class Frame(NamedTuple):
    start: int
    header_size: int
    first_sample: int
    block: int


def recognise(source: Source) -> bool:
    return source.peek(audio_start(source), 4) == b"fLaC"


def read(source: Source) -> SourceFacts:
    at = audio_start(source) + 4
    info: StreamInfo | None = None
    for _ in range(MAX_BLOCKS):
        head, size = source.take(at, 1)[0], int.from_bytes(source.take(at + 1, 3), "big")
        if info is None:
            info = stream_info(source.take(at + 4, 34)) if head & 0x7F == 0 and size == 34 else None
        if info is None or head & 0x7F == 0x7F:
            refuse(R.CORRUPT, "no STREAMINFO")
        at += 4 + size
        if head & 0x80:
            break
    else:
        refuse(R.CORRUPT, "endless metadata")
    result = facts(
        Container.FLAC,
        Codec.FLAC,
        sample_rate=info.sample_rate,
        channels=info.channels,
        bits_per_sample=info.bits,
        # An encoder writing to a pipe leaves the count 0: nothing then tells a whole file from a cut one.
        samples=info.samples or refuse(R.EMPTY if at >= source.size else R.CORRUPT, "the length is not stated"),
    )
    _check_frames(source, at, info)
    return result


def stream_info(raw: bytes) -> StreamInfo:
    """RFC 9639 §8.2, from its 34 bytes."""
    packed = int.from_bytes(raw[10:18], "big")
    return StreamInfo(
        min_block=int.from_bytes(raw[0:2], "big"),
        max_block=int.from_bytes(raw[2:4], "big"),
        sample_rate=packed >> 44,
        channels=(packed >> 41 & 7) + 1,
        bits=(packed >> 36 & 31) + 1,
        samples=packed & 0xF_FFFF_FFFF,
    )


def _check_frames(source: Source, start: int, info: StreamInfo) -> None:
    """TRUNCATED, TRAILING_BYTES or CORRUPT unless the last promised frame closes at the end of the file.

    Nor may an ID3v1 tag follow: FLAC has none, and a decoder takes it for a damaged frame.
    """
    end = source.size
    if start >= end:
        refuse(R.TRUNCATED)
    if frame_at(source, start, info) is None:
        refuse(R.CORRUPT, "the audio does not start with a frame")
    for at in islice(_sync_codes(source, start, end), MAX_CANDIDATES):
        frame = frame_at(source, at, info)
        if frame is not None and frame.first_sample + frame.block == info.samples:
            _check_last_frame(source.peek(at, min(end - at, MAX_FRAME)), frame, info)
            return
    refuse(R.TRUNCATED, "the last frame is not there")


def _sync_codes(source: Source, start: int, end: int) -> Iterator[int]:
    """Where the sync code 11111111 1111100x stands (RFC 9639 §9.1), from the end to the start.

    Each of the two forms is searched on its own, so that no byte is looked at twice.
    """
    find = source.data.rfind
    fixed, variable = find(b"\xff\xf8", start, end), find(b"\xff\xf9", start, end)
    while fixed >= 0 or variable >= 0:
        yield max(fixed, variable)
        if fixed > variable:
            fixed = find(b"\xff\xf8", start, fixed + 1)
        else:
            variable = find(b"\xff\xf9", start, variable + 1)


def _check_last_frame(body: bytes, frame: Frame, info: StreamInfo) -> None:
    """`body` is everything from the frame's header to the end of the audio; it must be this frame and no more."""
    try:
        length = frame_length(
            body, header_size=frame.header_size, block=frame.block, channels=info.channels, bits=info.bits
        )
    except Ended:
        refuse(R.TRUNCATED, "the last frame is cut")
    except Invalid:
        refuse(R.CORRUPT, "the last frame is damaged")
    if crc16_flac(body[:length]) != 0:
        refuse(R.CORRUPT, "the last frame is damaged")
    if length < len(body):
        refuse(R.TRAILING_BYTES)


def frame_at(source: Source, at: int, info: StreamInfo) -> Frame | None:
    """The frame whose header (RFC 9639 §9.1) is at `at`, with valid CRC-8 and the stream's form; else None."""
    head = source.peek(at, 16)
    if len(head) < 6 or head[0] != 0xFF or head[1] & 0xFE != 0xF8:
        return None
    size_code, rate_code, channel_code, depth_code = head[2] >> 4, head[2] & 15, head[3] >> 4, head[3] >> 1 & 7
    channels = channel_code + 1 if channel_code < 8 else 2
    depth_fits = depth_code == 0 or DEPTHS.get(depth_code) == info.bits
    if size_code == 0 or rate_code == 15 or head[3] & 1 or channel_code > 10 or channels != info.channels:
        return None
    if not depth_fits or (0 < rate_code < 12 and RATES[rate_code] != info.sample_rate):
        return None
    number = _coded_number(head, 4)
    if number is None:
        return None
    value, cursor = number
    block, cursor = _block_size(head, size_code, cursor)
    cursor += {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if block == 0 or cursor >= len(head) or crc8_flac(head[:cursor]) != head[cursor]:
        return None
    first = value if head[1] & 1 else value * info.min_block
    return Frame(at, cursor + 1, first, block)


def _block_size(head: bytes, code: int, cursor: int) -> tuple[int, int]:
    if code == 6:
        return int.from_bytes(head[cursor : cursor + 1], "big") + 1, cursor + 1
    if code == 7:
        return int.from_bytes(head[cursor : cursor + 2], "big") + 1, cursor + 2
    return BLOCK_SIZES.get(code, 0), cursor


def _coded_number(head: bytes, at: int) -> tuple[int, int] | None:
    """The frame or sample number in the extended UTF-8 of RFC 9639 §9.1.5, and the offset behind it."""
    first = head[at]
    if first < 0x80:
        return first, at + 1
    length = 8 - (first ^ 0xFF).bit_length()
    if not 2 <= length <= 7 or at + length > len(head):
        return None
    value = first & (0x7F >> length)
    for byte in head[at + 1 : at + length]:
        if byte & 0xC0 != 0x80:
            return None
        value = value << 6 | byte & 0x3F
    return value, at + length
