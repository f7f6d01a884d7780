"""How a track is cut into parts that workers encode side by side, and which worker makes what.

Cuts lie where segments begin, on the grid all rungs share, so that parts are joined by listing their segments in order.
Before its first chunk a part encodes `lead_chunks` more, which are thrown away: an AAC frame overlaps the one before,
and its coder needs a run-up to be in the state that an unsplit encode would be in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Final

from core.domain.media import SourceFacts
from transcode.ladder import (
    CHUNK_FRAMES,
    EARLY_RUNGS,
    FIRST_SEGMENTS,
    FRAME_SAMPLES,
    PART_S,
    SEGMENT_CHUNKS,
    SPLIT_ABOVE_S,
    Rung,
    RungCodec,
    ladder_rate,
    rungs,
    whole_chunks,
)

HEAD: Final = 0
"""The part that is encoded first: it makes the track playable."""
UNCUT: Final = 2
"""Parts of a short track."""
TAIL_FRAMES: Final = 4
"""So many frames more are encoded behind the last chunk: the coder looks ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The chunks `first_chunk` to `end_chunk` (None: to the end of the track) of `rungs`.

    `measures` says that everything else that is made of a whole track belongs to it: it has no beginning and no end.
    """

    number: int
    rungs: tuple[Rung, ...]
    first_chunk: int = 0
    end_chunk: int | None = None
    lead_chunks: int = 0
    measures: bool = False

    @property
    def first_segment(self) -> int:
        """Its number, from 1; parts begin on segments of full length."""
        if self.first_chunk == 0:
            return 1
        return len(FIRST_SEGMENTS) + 1 + (self.first_chunk - sum(FIRST_SEGMENTS)) // SEGMENT_CHUNKS

    @property
    def whole(self) -> bool:
        """Whether it decodes the track from beginning to end."""
        return self.first_chunk == 0 and self.end_chunk is None

    @property
    def chunks(self) -> int | None:
        """How many it must count; None where only the end of the track tells."""
        return None if self.end_chunk is None else self.end_chunk - self.first_chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What a part decodes, in samples of the source; `end` None is the end of the track."""

    start: int
    end: int | None


def plan(source: SourceFacts) -> tuple[Part, ...]:
    """The parts of a track by number, decided by the source alone: every worker comes to the same plan.

    The head makes nothing but the early rungs, so that no costlier one holds it back. A short track has one part more,
    for all the rest. A long one is cut: a part for what is left of the head's stretch, one for each other stretch of
    the AAC rungs, and one for all that is cheap or must hear the whole track.
    """
    aac = tuple(rung for rung in rungs(source) if rung.codec is RungCodec.AAC)
    early = tuple(rung for rung in aac if rung.name in EARLY_RUNGS)
    costly, others = _without(aac, early), _without(rungs(source), aac)
    duration_s = (source.samples or 0) / source.sample_rate
    if duration_s <= SPLIT_ABOVE_S:
        return Part(number=HEAD, rungs=early), Part(number=HEAD + 1, rungs=(*costly, *others), measures=True)
    starts = list(_starts(whole_chunks(source.samples or 0, source.sample_rate), ceil(duration_s / PART_S)))
    stretches: list[tuple[tuple[Rung, ...], int, int | None]] = [(early, 0, starts[1]), (costly, 0, starts[1])]
    stretches += [(aac, first, end) for first, end in zip(starts[1:], [*starts[2:], None], strict=True)]
    cut = [
        Part(
            number=number,
            rungs=made,
            first_chunk=first,
            end_chunk=end,
            lead_chunks=_lead(first, source.sample_rate) if first else 0,
        )
        for number, (made, first, end) in enumerate(stretches, HEAD)
    ]
    return (*cut, Part(number=len(cut), rungs=others, measures=True))


def _without(some: tuple[Rung, ...], others: tuple[Rung, ...]) -> tuple[Rung, ...]:
    return tuple(rung for rung in some if rung not in others)


def stretch(part: Part, source_rate: int) -> Stretch:
    """What the part must decode: its chunks, the lead before them and the tail behind."""
    chunk = chunk_samples(source_rate)
    start = (part.first_chunk - part.lead_chunks) * chunk
    end = None if part.end_chunk is None else part.end_chunk * chunk + TAIL_FRAMES * FRAME_SAMPLES * ratio(source_rate)
    assert start.denominator == 1, "the lead is chosen so that a part begins on a sample of the source"
    return Stretch(start=int(start), end=None if end is None else ceil(end))


def ratio(source_rate: int) -> Fraction:
    """Samples of the source per sample of the AAC rungs."""
    return Fraction(source_rate, ladder_rate(source_rate))


def chunk_samples(source_rate: int) -> Fraction:
    """Samples of the source in one chunk; at odd rates that is no whole number."""
    return CHUNK_FRAMES[ladder_rate(source_rate)] * FRAME_SAMPLES * ratio(source_rate)


def _starts(chunks: int, parts: int) -> Iterator[int]:
    """First chunks of about equal parts; the last one is no shorter than a segment."""
    step = ceil(chunks / parts / SEGMENT_CHUNKS) * SEGMENT_CHUNKS
    yield 0
    yield from (first for first in range(step, chunks, step) if chunks - first >= SEGMENT_CHUNKS)


def _lead(first_chunk: int, source_rate: int) -> int:
    """The fewest chunks, at least one, that begin on a whole sample of the source: resampling then falls into step."""
    grid = chunk_samples(source_rate).denominator
    return (first_chunk - 1) % grid + 1
