"""Fragmented MP4: durations counted over the moof boxes (ISO 14496-12 §8.8)."""

from typing import Final

from core.domain.reasons import ReasonCode as R
from scan.sniff.boxes import Box, child, children, needed
from scan.sniff.checks import refuse
from scan.sniff.source import Source

DATA_OFFSET, FIRST_FLAGS = 0x1, 0x4
PER_SAMPLE: Final = (0x100, 0x200, 0x400, 0x800)
"""Fields of a trun entry, four bytes each, the duration first."""
MAX_SAMPLES: Final = 4_000_000


def fragment_samples(source: Source, moov: Box, moofs: list[Box], trak: Box) -> tuple[int, int]:
    """(sum of the durations, the default one) of all fragments of the track, in its time scale."""
    track_id = _track_id(source, trak)
    default = _trex_duration(source, moov, track_id)
    total, samples = 0, 0
    for moof in moofs:
        for traf in children(source, moof.body, moof.end):
            if traf.kind != b"traf":
                continue
            tfhd = needed(source, traf, b"tfhd")
            if source.u32(tfhd.body + 4) != track_id:
                continue
            duration = _tfhd_duration(source, tfhd, default)
            for trun in children(source, traf.body, traf.end):
                if trun.kind == b"trun":
                    samples += source.u32(trun.body + 4)
                    if samples > MAX_SAMPLES:
                        refuse(R.CORRUPT, "too many samples")
                    total += _run_duration(source, trun, duration)
    return total, default


def _track_id(source: Source, trak: Box) -> int:
    tkhd = needed(source, trak, b"tkhd")
    return source.u32(tkhd.body + (20 if source.take(tkhd.body, 1) == b"\1" else 12))


def _trex_duration(source: Source, moov: Box, track_id: int) -> int:
    mvex = child(source, moov, b"mvex")
    for box in children(source, mvex.body, mvex.end) if mvex else ():
        if box.kind == b"trex" and source.u32(box.body + 4) == track_id:
            return source.u32(box.body + 12)
    return 0


def _tfhd_duration(source: Source, tfhd: Box, default: int) -> int:
    flags = source.u32(tfhd.body) & 0xFF_FFFF
    at = tfhd.body + 8 + 8 * (flags & 1) + 4 * (flags >> 1 & 1)
    return source.u32(at) if flags & 8 else default


def _run_duration(source: Source, trun: Box, default: int) -> int:
    flags, count = source.u32(trun.body) & 0xFF_FFFF, source.u32(trun.body + 4)
    if not flags & PER_SAMPLE[0]:
        return default * count
    fields = sum(1 for flag in PER_SAMPLE if flags & flag)
    at = trun.body + 8 + 4 * bool(flags & DATA_OFFSET) + 4 * bool(flags & FIRST_FLAGS)
    if at + 4 * fields * count > trun.end:
        refuse(R.CORRUPT, "trun does not fit")
    raw = source.take(at, 4 * fields * count)
    return sum(int.from_bytes(raw[place : place + 4], "big") for place in range(0, len(raw), 4 * fields))
