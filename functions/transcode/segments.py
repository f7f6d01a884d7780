"""Chunks grouped to segments, the same way on every rung, holding back no more than one segment."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from transcode.fmp4 import Chunk
from transcode.ladder import segment_sizes


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of chunks; `number` counts from 1. Times as in `Chunk`."""

    number: int
    data: bytes
    start: int
    duration: int


@dataclass(slots=True)
class SegmentCutter:
    """Feed it the chunks of one rung. A segment is given out once a whole chunk behind it proves it isn't the last:
    whether a short tail belongs to it is only known when the track's length is (see ladder.whole_chunks)."""

    chunk_frames: int
    first: int = 1
    """Number of the first segment."""
    _sizes: Iterator[int] = field(init=False)
    _size: int = 0
    _held: list[Chunk] = field(default_factory=list)
    _given_chunks: int = 0
    _given: int = 0

    def __post_init__(self) -> None:
        self._sizes = segment_sizes(self.first)
        self._size = next(self._sizes)

    def feed(self, chunk: Chunk) -> Iterator[Segment]:
        """The segment that this chunk proves to be complete, if it does."""
        if len(self._held) >= self._size and chunk.frames == self.chunk_frames:
            yield self._give(self._size)
        self._held.append(chunk)

    def finish(self, whole_chunks: int) -> Iterator[Segment]:
        """The rest, when the track, or our part of it, is known to count so many whole chunks."""
        while self._held:
            left = whole_chunks - self._given_chunks
            yield self._give(self._size if left > self._size else len(self._held))

    def _give(self, count: int) -> Segment:
        chunks, self._held = self._held[:count], self._held[count:]
        self._given_chunks += count
        self._given += 1
        self._size = next(self._sizes)
        return Segment(
            number=self.first + self._given - 1,
            data=b"".join(chunk.data for chunk in chunks),
            start=chunks[0].start,
            duration=sum(chunk.duration for chunk in chunks),
        )
