"""Our own playlists: RFC 8216, and Apple's HLS authoring specification (its numbers in brackets)."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.domain.media import Rendition
from core.domain.playback import INIT, segment_file
from transcode.ladder import TARGET_DURATION_S

VERSION = 7
MEDIA = "media.m3u8"


@dataclass(frozen=True, slots=True)
class SegmentFacts:
    """What a playlist needs of a segment; `duration_s` is the presented one, without priming and padding."""

    number: int
    size_bytes: int
    duration_s: float

    @property
    def file(self) -> str:
        return segment_file(self.number)


def presented(segments: Sequence[tuple[int, int]], *, priming: int, total: float) -> list[float]:
    """Seconds × timescale that each (start, duration) of one rung is heard for.

    The first loses the `priming` samples that the edit list hides, the last ends with the track: the sum is `total`.
    """
    starts = [max(0.0, float(start - priming)) for start, _ in segments]
    ends = [*starts[1:], total]
    return [end - start for start, end in zip(starts, ends, strict=True)]


def media_playlist(segments: Sequence[SegmentFacts]) -> str:
    """One rendition [8.6 VOD, 8.20 MAP, 8.1 exact EXTINF, 8.2 one target duration]."""
    return _media("#EXT-X-PLAYLIST-TYPE:VOD", segments, ended=True)


def event_playlist(segments: Sequence[SegmentFacts], *, ended: bool) -> str:
    """One rendition as far as it is made: it only grows, and players start at its beginning (RFC 8216 §4.3.3.5,
    §4.3.5.2) where they would else start near the end."""
    return _media("#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-START:TIME-OFFSET=0,PRECISE=YES", segments, ended=ended)


def _media(kind: str, segments: Sequence[SegmentFacts], *, ended: bool) -> str:
    return _text(
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{TARGET_DURATION_S}",
        "#EXT-X-MEDIA-SEQUENCE:1",
        kind,
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{INIT}"',
        *(line for s in segments for line in (f"#EXTINF:{s.duration_s:.6f},", s.file)),
        *(["#EXT-X-ENDLIST"] if ended else []),
    )


def master_playlist(renditions: Iterable[Rendition], media: str = MEDIA) -> str:
    """The variants in the given order [9.1 CODECS, 9.13 BANDWIDTH, 9.14 AVERAGE-BANDWIDTH]; `media` is the file name
    of their playlists."""
    return _text(
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        *(line for r in renditions for line in (_stream_inf(r), f"{r.name}/{media}")),
    )


def ascending(renditions: Iterable[Rendition]) -> tuple[Rendition, ...]:
    """By bandwidth, no two the same: audio so plain that two rungs come out equal is declared one bit apart."""
    ordered: list[Rendition] = []
    for rendition in sorted(renditions, key=lambda r: (r.bandwidth, r.average_bandwidth)):
        floor = ordered[-1].bandwidth + 1 if ordered else 0
        ordered.append(replace(rendition, bandwidth=max(rendition.bandwidth, floor)))
    return tuple(ordered)


def bandwidths(segments: Sequence[SegmentFacts]) -> tuple[int, int]:
    """(peak, average) in bit/s with the container's overhead, rounded up.

    The peak is the largest rate of any run of segments that lasts 0.5 to 1.5 target durations (RFC 8216 §4.3.4.2);
    a track shorter than that has just the one rate.
    """
    average = _rate(segments)
    peak = average
    for first in range(len(segments)):
        seconds = 0.0
        for last in range(first, len(segments)):
            seconds += segments[last].duration_s
            if seconds > 1.5 * TARGET_DURATION_S:
                break
            if seconds >= 0.5 * TARGET_DURATION_S:
                peak = max(peak, _rate(segments[first : last + 1]))
    return math.ceil(peak), math.ceil(average)


def _rate(segments: Sequence[SegmentFacts]) -> float:
    return sum(s.size_bytes for s in segments) * 8 / sum(s.duration_s for s in segments)


def _stream_inf(r: Rendition) -> str:
    return f'#EXT-X-STREAM-INF:BANDWIDTH={r.bandwidth},AVERAGE-BANDWIDTH={r.average_bandwidth},CODECS="{r.codec}"'


def _text(*lines: str) -> str:
    return "\n".join(lines) + "\n"
