"""Whether a finished run may be believed: stderr, the decoded samples and what the container promised.

ffmpeg ends with 0 on truncated WAV, FLAC and MP3; so these three decide, and nothing else.
"""

import re
from collections.abc import Callable, Sequence
from typing import BinaryIO, Final

from core.domain.errors import EncoderFailed, MediaRejected
from core.domain.media import Container, SourceFacts
from core.domain.reasons import ReasonCode

HARMLESS: Final = (
    re.compile(r"^\[\w+ @ 0x[0-9a-f]+\] Codec \(\w+\) not on whitelist "),  # an attached picture, which we skip
)
"""Lines at error level that say nothing against the audio. Measured on every accepted format."""
OURS: Final = (
    "No space left on device",
    "Cannot allocate memory",
    "Too many open files",
    "Resource temporarily unavailable",
)
"""What errno says (strerror, C locale) when this machine is at its end, and not the file."""
TIMED: Final = frozenset({Container.WAV, Container.AIFF, Container.FLAC, Container.MP4})
"""Containers that tell each packet's place in the track. The others are counted up, so damage looks like an early end;
the scan finds the truncated ones among them."""
UNENCODABLE: Final = "Error encoding a frame"
"""An encoder's own words for samples it can't take (NaN, infinite, huge); libmp3lame calls that a lack of memory."""
END_SLACK: Final = 0.02
"""Share of the track that the last packet may lack: demuxers report the last one short, or drop a torn one."""


def damage(lines: Sequence[str]) -> list[str]:
    """The lines that do count. EncoderFailed if the machine was at fault, which spoils whatever else is said."""
    for line in lines:
        if line.endswith(OURS) and UNENCODABLE not in line:
            raise EncoderFailed(f"ffmpeg ran out of something: {line}")
    return [line for line in lines if not any(pattern.search(line) for pattern in HARMLESS)]


def judge(source: SourceFacts, *, decoded: int | None, errors: Sequence[str], reaches_end: Callable[[], bool]) -> None:
    """Returns if the whole track was decoded, else raises MediaRejected (EMPTY, TRUNCATED or CORRUPT).

    `decoded` counts its samples, None if only its beginning was wanted. `reaches_end` is asked only when decoding broke
    off: a file that lacks its end is truncated, not damaged.
    """
    if errors:
        torn = source.samples is not None and source.container in TIMED and not reaches_end()
        raise MediaRejected(ReasonCode.TRUNCATED if torn else ReasonCode.CORRUPT, errors[0])
    if decoded == 0:
        raise MediaRejected(ReasonCode.EMPTY)
    if source.samples is None or decoded is None:
        return
    difference = decoded - source.samples
    if abs(difference) > source.tolerance_samples:
        reason = ReasonCode.TRUNCATED if difference < 0 else ReasonCode.CORRUPT
        raise MediaRejected(reason, f"decoded {decoded} samples, the file announces {source.samples}")


class LastPacket:
    """A sink for ffmpeg's framecrc: where the last packet ends, in seconds."""

    def __init__(self) -> None:
        self.end_s = 0.0

    def read(self, pipe: BinaryIO) -> None:
        unit = 0.0
        for line in pipe:
            if line.startswith(b"#tb 0:"):
                over, under = line.removeprefix(b"#tb 0:").split(b"/")
                unit = int(over) / int(under)
            elif not line.startswith(b"#"):
                _, _, start, duration, *_ = line.split(b",")
                self.end_s = max(self.end_s, (int(start) + int(duration)) * unit)

    def reaches(self, source: SourceFacts) -> bool:
        """Whether the packets go on to the end that the container announces."""
        return self.end_s >= (source.samples or 0) / source.sample_rate * (1 - END_SLACK)
