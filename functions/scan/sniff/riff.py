"""WAV: RIFF/WAVE and its 64-bit form RF64/BW64 (EBU Tech 3306)."""

import struct
from typing import Final

from core.domain.media import Codec, Container, SourceFacts
from core.domain.reasons import ReasonCode as R
from scan.sniff.checks import facts, refuse
from scan.sniff.source import Source

MAX_CHUNKS: Final = 10_000
UNFINISHED: Final = 0xFFFF_FFFF
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
SUBFORMAT_TAIL: Final = bytes.fromhex("000000001000800000aa00389b71")
"""The rest of KSDATAFORMAT_SUBTYPE_*, after its two bytes of format tag."""
BITS: Final = {PCM: {8, 16, 24, 32}, FLOAT: {32, 64}}


def recognise(source: Source) -> bool:
    return source.peek(0, 4) in {b"RIFF", b"RF64", b"BW64"} and source.peek(8, 4) == b"WAVE"


def read(source: Source) -> SourceFacts:
    """Walks the chunks: one `fmt `, one `data`, and nothing behind the end that the header announces."""
    wide = source.peek(0, 4) != b"RIFF"
    form: tuple[int, int, int, int] | None = None
    data: int | None = None
    end, wide_data = _announced_end(source, wide=wide)
    at = 12
    for _ in range(MAX_CHUNKS):
        if at + 8 > min(end, source.size):
            break
        name, (size,) = source.peek(at, 4), source.unpack("<I", at + 4)
        if name == b"data" and wide and size == UNFINISHED:
            size = wide_data
        if name == b"data":
            data = size if data is None else refuse(R.CORRUPT, "two data chunks")
        elif name == b"fmt ":
            form = _form(source, at + 8, size)
        if at + 8 + size > source.size:
            refuse(R.TRUNCATED, f"chunk {name!r} ends behind the file")
        at += 8 + size + size % 2
    if form is None or data is None:
        refuse(R.TRUNCATED if source.size < end else R.CORRUPT, "no fmt or data chunk")
    _check_end(source, at, end)
    rate, channels, bits, block = form
    if data % block:
        refuse(R.CORRUPT, "the data ends inside a sample")
    return facts(
        Container.WAV, Codec.PCM, sample_rate=rate, channels=channels, bits_per_sample=bits, samples=data // block
    )


def _announced_end(source: Source, *, wide: bool) -> tuple[int, int]:
    """Where the RIFF ends by its header, and the data size of the `ds64` chunk (0 in a plain RIFF)."""
    (size,) = source.unpack("<I", 4)
    if not wide:
        return (8 + size, 0) if size not in {0, UNFINISHED} else refuse(R.TRUNCATED, "the header was never finished")
    if source.peek(12, 4) != b"ds64":
        refuse(R.CORRUPT, "RF64 without ds64")
    riff, data = struct.unpack("<QQ", source.take(20, 16))
    return 8 + riff, data


def _check_end(source: Source, at: int, end: int) -> None:
    if end > source.size + 1:
        refuse(R.TRUNCATED, "the header announces more than there is")
    # The pad byte of an odd last chunk may be missing or be left out of the announced size.
    if source.size > end + end % 2 or at + 8 <= end or at > end + 1:
        refuse(R.TRAILING_BYTES)


def _form(source: Source, at: int, size: int) -> tuple[int, int, int, int]:
    """(sample rate, channels, valid bits, bytes per sample of all channels)."""
    if size < 16:
        refuse(R.CORRUPT, "fmt chunk too short")
    tag, channels, rate, _, block, bits = source.unpack("<HHIIHH", at)
    valid = bits
    if tag == EXTENSIBLE:
        if size < 40 or source.take(at + 26, 14) != SUBFORMAT_TAIL:
            refuse(R.FORMAT_UNSUPPORTED, "unknown WAVE_FORMAT_EXTENSIBLE")
        valid, _mask, tag = source.unpack("<HIH", at + 18)
    if bits not in BITS.get(tag, set()):
        refuse(R.FORMAT_UNSUPPORTED, f"WAVE format {tag:#x} with {bits} bits")
    if channels == 0 or block != channels * bits // 8:
        refuse(R.CORRUPT, "block size does not fit")
    return rate, channels, valid if 0 < valid <= bits else bits, block
