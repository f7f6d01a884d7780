"""AIFF and AIFF-C (Apple, 1991 draft): big-endian IFF chunks."""

from typing import Final

from core.domain.media import Codec, Container, SourceFacts
from core.domain.reasons import ReasonCode as R
from scan.sniff.checks import facts, refuse
from scan.sniff.source import Source

MAX_CHUNKS: Final = 10_000
COMPRESSIONS: Final = {b"NONE", b"twos", b"sowt", b"raw ", b"in24", b"in32", b"fl32", b"FL32", b"fl64", b"FL64"}
WIDTH: Final = {b"in24": 24, b"in32": 32, b"fl32": 32, b"FL32": 32, b"fl64": 64, b"FL64": 64, b"raw ": 8}


def recognise(source: Source) -> bool:
    return source.peek(0, 4) == b"FORM" and source.peek(8, 4) in {b"AIFF", b"AIFC"}


def read(source: Source) -> SourceFacts:
    """One COMM, one SSND that holds exactly the frames COMM promises, nothing behind."""
    chunks, at = _chunks(source)
    end = 8 + source.u32(4)
    if end > source.size + 1:
        refuse(R.TRUNCATED, "the header announces more than there is")
    if b"COMM" not in chunks:
        refuse(R.CORRUPT, "no COMM chunk")
    channels, frames, bits, rate = _common(source, *chunks[b"COMM"])
    if frames == 0 or b"SSND" not in chunks:
        refuse(R.EMPTY)
    if source.size > end + end % 2 or at + 8 <= end or at > end + 1:
        refuse(R.TRAILING_BYTES)
    sound, promised = _sound(source, *chunks[b"SSND"]), frames * channels * ((bits + 7) // 8)
    if not promised <= sound <= promised + 1:
        refuse(R.TRUNCATED if sound < promised else R.TRAILING_BYTES, "SSND does not hold what COMM promises")
    return facts(
        Container.AIFF, Codec.PCM, sample_rate=rate, channels=channels, bits_per_sample=bits, samples=frames
    )  # fmt: skip


def _chunks(source: Source) -> tuple[dict[bytes, tuple[int, int]], int]:
    """COMM and SSND as (start, size), and where the walk ended."""
    found: dict[bytes, tuple[int, int]] = {}
    at, end = 12, min(8 + source.u32(4), source.size)
    for _ in range(MAX_CHUNKS):
        if at + 8 > end:
            break
        name, size = source.peek(at, 4), source.u32(at + 4)
        if at + 8 + size > source.size:
            refuse(R.TRUNCATED, f"chunk {name!r} ends behind the file")
        if name in {b"COMM", b"SSND"}:
            found[name] = (at + 8, size) if name not in found else refuse(R.CORRUPT, f"two {name!r} chunks")
        at += 8 + size + size % 2
    return found, at


def _common(source: Source, at: int, size: int) -> tuple[int, int, int, int]:
    """(channels, frames, bits, sample rate)."""
    if size < 18:
        refuse(R.CORRUPT, "COMM chunk too short")
    channels, frames, bits = source.unpack(">HIH", at)
    rate = _extended(source.take(at + 8, 10))
    if source.peek(8, 4) == b"AIFC":
        compression = source.take(at + 18, 4)
        if compression not in COMPRESSIONS:
            refuse(R.FORMAT_UNSUPPORTED, f"AIFF-C compression {compression!r}")
        bits = WIDTH.get(compression, bits)
    if not (1 <= bits <= 32 or bits == 64):
        refuse(R.FORMAT_UNSUPPORTED, f"{bits} bits")
    return channels, frames, bits, rate


def _sound(source: Source, at: int, size: int) -> int:
    """Bytes of audio in the SSND chunk."""
    if size < 8:
        return 0
    return size - 8 - source.u32(at)


def _extended(raw: bytes) -> int:
    """An 80-bit IEEE 754 extended number as an integer; 0 for what is no sensible rate."""
    exponent = int.from_bytes(raw[:2], "big") - 16383 - 63
    mantissa = int.from_bytes(raw[2:], "big")
    return mantissa >> -exponent if -64 < exponent <= 0 else 0
