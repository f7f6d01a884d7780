"""What the parts of a track leave behind: it is encoded in parts, each by a worker of its own."""

from dataclasses import dataclass

from core.domain.ids import Bytes, Samples, TrackId
from core.domain.media import Loudness, Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsKey:
    """Whose parts they are. A new attempt makes its own, and so does another ladder, which cuts differently."""

    track_id: TrackId
    attempt: int
    content_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RungPart:
    """The stretch of one rendition that one part made.

    `segments` are (bytes, duration) in order; durations and `priming` count in units of `timescale` per second.
    """

    name: str
    codec: str
    """RFC 6381, as CODECS wants it."""
    timescale: int
    priming: Samples
    """Samples at the very start of the rendition that the encoder added."""
    segments: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is known once the whole track was decoded; the objects made on the way are stored."""

    samples: Samples
    loudness: Loudness
    tags: Tags
    fingerprint: str | None
    has_cover: bool
    download_bytes: Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    rungs: tuple[RungPart, ...] = ()
    measured: Measured | None = None
    """Only from the part that decodes the whole track."""
