"""One rung on its way from the encoder to the media bucket: segments are stored as they close."""

from dataclasses import dataclass, field
from typing import BinaryIO, Final

from core.domain.errors import EncoderFailed
from core.domain.media import Rendition
from transcode import hls
from transcode.fmp4 import Chunk, Init, read_fragments
from transcode.folder import MediaFolder, gzipped
from transcode.ladder import Rung, whole_chunks
from transcode.segments import Segment, SegmentCutter

READ_BLOCK: Final = 64 * 1024


@dataclass(slots=True)
class RenditionWriter:
    """A sink for the fMP4 of one rung. `finish` stores the end and the playlist once the track's length is known."""

    rung: Rung
    folder: MediaFolder
    _cutter: SegmentCutter = field(init=False)
    _init: Init | None = None
    _broken: EncoderFailed | None = None
    _sizes: list[int] = field(default_factory=list)
    _spans: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._cutter = SegmentCutter(self.rung.chunk_frames)

    def read(self, pipe: BinaryIO) -> None:
        """A stream that breaks off is no surprise before the run was judged: `finish` raises it."""
        try:
            for part in read_fragments(pipe):
                self._take(part)
        except EncoderFailed as error:
            self._broken = error
            while pipe.read(READ_BLOCK):
                pass

    def _take(self, part: Init | Chunk) -> None:
        if isinstance(part, Init):
            self._init = part
            self._put(hls.INIT, part.data)
        else:
            for segment in self._cutter.feed(part):
                self._store(segment)

    @property
    def priming(self) -> int:
        """Samples at the start that the encoder added and the edit list hides."""
        return self._init.priming if self._init else 0

    def finish(self, samples: int, source_rate: int) -> Rendition:
        """`samples` at `source_rate` is the decoded track. EncoderFailed if the encoder's output is not whole."""
        if self._broken is not None:
            raise self._broken
        for segment in self._cutter.finish(whole_chunks(samples, source_rate)):
            self._store(segment)
        if self._init is None or not self._spans:
            raise EncoderFailed(f"ffmpeg wrote nothing for {self.rung.name}")
        scale = self._init.timescale
        heard = hls.presented(self._spans, priming=self.priming, total=samples * scale / source_rate)
        facts = [
            hls.SegmentFacts(number, size, duration / scale)
            for number, (size, duration) in enumerate(zip(self._sizes, heard, strict=True), 1)
        ]
        self._put(hls.MEDIA, gzipped(hls.media_playlist(facts)))
        peak, average = hls.bandwidths(facts)
        return Rendition(
            name=self.rung.name,
            codec=self._init.codec,
            bandwidth=peak,
            average_bandwidth=average,
            sample_rate=self.rung.sample_rate,
            channels=self.rung.channels,
        )

    def _store(self, segment: Segment) -> None:
        self._put(hls.segment_file(segment.number), segment.data)
        self._sizes.append(len(segment.data))
        self._spans.append((segment.start, segment.duration))

    def _put(self, file: str, body: bytes) -> None:
        self.folder.put(f"{self.rung.name}/{file}", body)
