"""One rung on its way from the encoder to the media bucket: segments are stored as they close."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from core.domain.errors import EncoderFailed
from core.domain.ids import Samples
from core.domain.parts import RungPart
from core.domain.playback import INIT, segment_file
from transcode import fmp4
from transcode.fmp4 import Chunk, Init
from transcode.folder import MediaFolder
from transcode.ladder import Rung, whole_chunks
from transcode.plan import Part
from transcode.segments import Segment, SegmentCutter

READ_BLOCK: Final = 64 * 1024


@dataclass(slots=True)
class RenditionWriter:
    """A sink for the fMP4 of one rung of one part. `finish` stores the end once its length is known."""

    rung: Rung
    part: Part
    folder: MediaFolder
    on_segment: Callable[[], None] = lambda: None
    """Called in the sink's thread whenever a segment was stored."""
    _cutter: SegmentCutter = field(init=False)
    _init: Init | None = None
    _broken: EncoderFailed | None = None
    _chunks: int = 0
    _end: int = field(init=False)
    _segments: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._cutter = SegmentCutter(self.rung.chunk_frames, self.part.first_segment)
        self._end = self._moved_by

    def read(self, pipe: BinaryIO) -> None:
        """A stream that breaks off is no surprise before the run was judged: `finish` raises it."""
        try:
            for piece in fmp4.read_fragments(pipe):
                if isinstance(piece, Init):
                    self._begin(piece)
                else:
                    self._take(piece)
        except EncoderFailed as error:
            self._broken = error
            while pipe.read(READ_BLOCK):
                pass

    @property
    def count(self) -> int:
        """Segments stored so far."""
        return len(self._segments)

    def made(self, count: int | None = None) -> RungPart:
        """What is stored so far, or the first `count` segments of it."""
        if self._init is None:
            raise EncoderFailed(f"ffmpeg wrote nothing for {self.rung.name}")
        return RungPart(
            name=self.rung.name,
            codec=self._init.codec,
            timescale=self._init.timescale,
            priming=Samples(self._init.priming),
            segments=tuple(self._segments[:count]),
        )

    def finish(self, samples: int | None, source_rate: int) -> RungPart:
        """`samples` at `source_rate` is the decoded track, None if the part doesn't reach its end.

        EncoderFailed if the encoder's output is not whole.
        """
        if self._broken is not None:
            raise self._broken
        expected = self.part.chunks
        if expected is None:
            assert samples is not None, "who encodes the end counts the samples"
            expected = whole_chunks(samples, source_rate) - self.part.first_chunk
        for segment in self._cutter.finish(expected):
            self._store(segment)
        if not self._segments or (self.part.chunks is not None and self._chunks - self.part.lead_chunks < expected):
            raise EncoderFailed(f"ffmpeg wrote too little for {self.rung.name}")
        return self.made()

    @property
    def _chunk_duration(self) -> int:
        return self.rung.chunk_frames * self.rung.frame_samples

    @property
    def _moved_by(self) -> int:
        """Time by which the part's own clock lies behind the track's."""
        return (self.part.first_chunk - self.part.lead_chunks) * self._chunk_duration

    def _begin(self, init: Init) -> None:
        self._init = init
        if self.part.first_chunk == 0:
            self.folder.put(f"{self.rung.name}/{INIT}", init.data)

    def _take(self, chunk: Chunk) -> None:
        number, self._chunks = self._chunks - self.part.lead_chunks, self._chunks + 1
        if self._moved_by:
            chunk = fmp4.moved(chunk, chunks=self.part.first_chunk - self.part.lead_chunks, time=self._moved_by)
        if chunk.start != self._end:
            raise EncoderFailed(f"ffmpeg left a gap in {self.rung.name}")
        self._end += chunk.duration
        if number < 0 or (self.part.chunks is not None and number >= self.part.chunks):
            return  # the lead, or the tail
        for segment in self._cutter.feed(chunk):
            self._store(segment)

    def _store(self, segment: Segment) -> None:
        self.folder.put(f"{self.rung.name}/{segment_file(segment.number)}", segment.data)
        self._segments.append((len(segment.data), segment.duration))
        self.on_segment()
