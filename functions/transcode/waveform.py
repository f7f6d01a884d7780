"""Waveforms in the format of BBC's audiowaveform, version 2: JSON and binary `.dat`, 8 bit, one channel.

Format: audiowaveform's docs/DataFormat.md. Each point is the smallest and the largest sample of its stretch. The
peaks of six hours at 100 points a second fill 4.3 MB; no sample is kept.
"""

import gzip
import io
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Final

DETAIL_PER_S: Final = 100
OVERVIEW_PER_S: Final = 10
VERSION: Final = 2
_EIGHT_BIT = 1
_OFFSET = 128
"""Samples come unsigned (ffmpeg's u8), peaks are signed."""
_BATCH = 65_536


@dataclass(frozen=True, slots=True)
class Waveform:
    """`points` are signed bytes: min, max, min, max …"""

    sample_rate: int
    samples_per_pixel: int
    points: bytes

    @property
    def length(self) -> int:
        return len(self.points) // 2

    def reduced(self, factor: int) -> "Waveform":
        """The same with `factor` points joined to one."""
        low, high = memoryview(self.points).cast("b")[::2], memoryview(self.points).cast("b")[1::2]
        joined = bytearray()
        for at in range(0, self.length, factor):
            joined += struct.pack("bb", min(low[at : at + factor]), max(high[at : at + factor]))
        return Waveform(self.sample_rate, self.samples_per_pixel * factor, bytes(joined))

    def binary(self) -> bytes:
        """The `.dat` file: six little-endian words of header, then the points."""
        header = struct.pack("<iIiiII", VERSION, _EIGHT_BIT, self.sample_rate, self.samples_per_pixel, self.length, 1)
        return header + self.points

    def json_gzip(self) -> bytes:
        """The JSON file, compressed as it is written: the numbers never lie in memory as objects all at once."""
        head = (
            f'{{"version":{VERSION},"channels":1,"sample_rate":{self.sample_rate},'
            f'"samples_per_pixel":{self.samples_per_pixel},"bits":8,"length":{self.length},"data":['
        )
        names = [str(n - 256 if n > 127 else n) for n in range(256)]
        packed = io.BytesIO()
        with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as out:
            out.write(head.encode())
            for at in range(0, len(self.points), _BATCH):
                out.write(b"," * bool(at) + ",".join([names[n] for n in self.points[at : at + _BATCH]]).encode())
            out.write(b"]}")
        return packed.getvalue()


@dataclass(slots=True)
class SampleCounter:
    """A sink for unsigned 8-bit mono PCM at `sample_rate` that counts the samples, which are the decoded audio's.

    `progress` is told the count about once per second of audio.
    """

    sample_rate: int
    progress: Callable[[int], None]
    samples: int = 0

    @property
    def samples_per_pixel(self) -> int:
        return max(1, round(self.sample_rate / DETAIL_PER_S))

    def read(self, pipe: BinaryIO) -> None:
        while block := pipe.read(self.samples_per_pixel * DETAIL_PER_S):
            self._add(block)
            self.samples += len(block)
            self.progress(self.samples)

    def _add(self, block: bytes) -> None:
        """Nothing but the count is of interest."""


@dataclass(slots=True)
class WaveformBuilder(SampleCounter):
    """Draws them, too."""

    _points: bytearray = field(default_factory=bytearray)

    def _add(self, block: bytes) -> None:
        step = self.samples_per_pixel
        for at in range(0, len(block), step):
            stretch = block[at : at + step]
            self._points += bytes(((min(stretch) - _OFFSET) & 0xFF, (max(stretch) - _OFFSET) & 0xFF))

    @property
    def flat(self) -> bool:
        """No sample is more than one step (−42 dBFS) from zero."""
        return not self._points.strip(b"\x00\xff\x01")

    def detail(self) -> Waveform:
        return Waveform(self.sample_rate, self.samples_per_pixel, bytes(self._points))

    def overview(self) -> Waveform:
        return self.detail().reduced(DETAIL_PER_S // OVERVIEW_PER_S)
