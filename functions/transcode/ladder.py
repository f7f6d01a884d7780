"""The ladder: which renditions are made, and how they are cut. The one table; everything else reads it.

All rungs share one grid. AAC frames hold 1,024 samples at the ladder rate, FLAC frames the same stretch of time, and
a chunk (one moof+mdat) holds as many frames as come nearest to a second. A segment is a run of chunks, so that the
segments of all rungs begin together (Apple's HLS authoring rules 8.22).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.domain.media import SourceFacts

LADDER_VERSION: Final = "2"
"""Part of every content id: whoever changes a byte of the output raises it, and new keys are made."""

AAC_BITRATES: Final = {"aac-64": 64_000, "aac-128": 128_000, "aac-192": 192_000, "aac-320": 320_000}
AAC_CODER: Final = "twoloop"
"""ffmpeg's `-aac_coder` on every rung (decision 14); named, so that no new default changes the bytes unseen."""
DOWNLOAD_BITRATE: Final = 320_000
FRAME_SAMPLES: Final = 1024
"""Samples of an AAC-LC frame (ISO 14496-3)."""
CHUNK_FRAMES: Final = {44_100: 43, 48_000: 47}
"""Frames of a chunk at each ladder rate: 0.998 and 1.003 s."""
FIRST_SEGMENTS: Final = (1, 2, 3)
"""Chunks of the first segments: short, so that a player starts after one second of audio."""
SEGMENT_CHUNKS: Final = 6
TARGET_DURATION_S: Final = 6
SPLIT_ABOVE_S: Final = 600
"""Seconds of audio above which a track is encoded in parts."""
PART_S: Final = 600
"""About so many seconds of audio at most are one part: six hours make 36 of them."""
EARLY_RUNGS: Final = frozenset({"aac-64", "aac-128"})
"""What can be heard while the rest is still being made."""
EARLY_SEGMENTS: Final = 4
"""So many segments, twelve seconds, make a track playable: a player looks for more after a target duration (RFC 8216
§6.3.4), and must not run dry until it has got it."""
FLAC_RATES: Final = frozenset({44_100, 48_000, 88_200, 96_000, 176_400, 192_000})
"""Rates at which the lossless rung keeps the source's own; each is a whole multiple of its ladder rate."""


class RungCodec(StrEnum):
    AAC = "aac"
    FLAC = "flac"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One HLS rendition. `frame_samples` and `sample_rate` give frames of the same length on every rung."""

    name: str
    codec: RungCodec
    bitrate: int | None
    sample_rate: int
    channels: int
    frame_samples: int
    chunk_frames: int
    bits_per_sample: int | None = None


def content_id(sha256: str) -> str:
    """Names the output of this ladder for an original: 16 hex digits, the same on every run."""
    return hashlib.sha256((sha256 + LADDER_VERSION).encode()).hexdigest()[:16]


def ladder_rate(source_rate: int) -> int:
    """44,100 Hz for its own family (11,025, 22,050, 88,200 …), else 48,000 Hz."""
    return 44_100 if source_rate % 11_025 == 0 else 48_000


def rungs(source: SourceFacts) -> tuple[Rung, ...]:
    """Every rung of a source: the AAC ones always in stereo (Apple 2.3), FLAC if the source is lossless."""
    rate = ladder_rate(source.sample_rate)
    aac = tuple(
        Rung(
            name=name,
            codec=RungCodec.AAC,
            bitrate=bitrate,
            sample_rate=rate,
            channels=2,
            frame_samples=FRAME_SAMPLES,
            chunk_frames=CHUNK_FRAMES[rate],
        )
        for name, bitrate in AAC_BITRATES.items()
    )
    return (*aac, _flac(source, rate)) if source.lossless else aac


def _flac(source: SourceFacts, rate: int) -> Rung:
    own = source.sample_rate if source.sample_rate in FLAC_RATES else rate
    return Rung(
        name="flac",
        codec=RungCodec.FLAC,
        bitrate=None,
        sample_rate=own,
        channels=min(source.channels, 2),
        frame_samples=FRAME_SAMPLES * own // rate,
        chunk_frames=CHUNK_FRAMES[rate],
        bits_per_sample=16 if (source.bits_per_sample or 24) <= 16 else 24,
    )


def segment_sizes(first: int = 1) -> Iterator[int]:
    """Chunks of the segments from number `first` on, without end."""
    yield from FIRST_SEGMENTS[first - 1 :]
    while True:
        yield SEGMENT_CHUNKS


def whole_chunks(samples: int, source_rate: int) -> int:
    """How many chunks a track of so many samples counts, at least one.

    A tail shorter than about half a chunk belongs to the chunk before it: no rung then ends on a crumb, no segment
    passes 6.5 s (Apple 7.7), and the rungs agree although AAC holds a frame or two more than FLAC.
    """
    rate = ladder_rate(source_rate)
    frames = -(-samples * rate // (source_rate * FRAME_SAMPLES))
    full, tail = divmod(frames, CHUNK_FRAMES[rate])
    return max(1, full + (tail >= CHUNK_FRAMES[rate] // 2 - 1))
