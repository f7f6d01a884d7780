"""What the pipeline knows about audio: the accepted containers, the facts of a source, what was made of it."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.ids import DurationMs, Samples


class Container(StrEnum):
    """Accepted containers; the value is the name of the ffmpeg demuxer forced for it."""

    WAV = "wav"
    AIFF = "aiff"
    FLAC = "flac"
    MP4 = "mov"
    ADTS = "aac"
    MP3 = "mp3"
    OGG = "ogg"


class Codec(StrEnum):
    PCM = "pcm"
    FLAC = "flac"
    ALAC = "alac"
    AAC = "aac"
    MP3 = "mp3"
    VORBIS = "vorbis"
    OPUS = "opus"


LOSSLESS_CODECS = frozenset({Codec.PCM, Codec.FLAC, Codec.ALAC})

EXTENSIONS: dict[str, frozenset[Container]] = {
    "wav": frozenset({Container.WAV}),
    "wave": frozenset({Container.WAV}),
    "aif": frozenset({Container.AIFF}),
    "aiff": frozenset({Container.AIFF}),
    "aifc": frozenset({Container.AIFF}),
    "flac": frozenset({Container.FLAC}),
    "m4a": frozenset({Container.MP4}),
    "mp4": frozenset({Container.MP4}),
    "alac": frozenset({Container.MP4}),
    "aac": frozenset({Container.ADTS, Container.MP4}),
    "mp3": frozenset({Container.MP3}),
    "ogg": frozenset({Container.OGG}),
    "oga": frozenset({Container.OGG}),
    "opus": frozenset({Container.OGG}),
}
"""File name endings we accept, and the containers each may hold. Content decides; a mismatch is refused."""


CONTENT_TYPES: dict[Container, str] = {
    Container.WAV: "audio/wav",
    Container.AIFF: "audio/aiff",
    Container.FLAC: "audio/flac",
    Container.MP4: "audio/mp4",
    Container.ADTS: "audio/aac",
    Container.MP3: "audio/mpeg",
    Container.OGG: "audio/ogg",
}
"""What an upload is stored as. Announced by the file's name, believed by nobody: the sniffer decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """What the sniffer read from the container itself, before any decoder saw the file.

    `samples` is the exact count per channel at `sample_rate` that a decoder must produce, or None where
    the container does not say (raw MP3 and ADTS give frame counts, good to `tolerance_samples`).
    """

    container: Container
    codec: Codec
    sample_rate: int
    channels: int
    bits_per_sample: int | None
    samples: Samples | None
    tolerance_samples: int = 0

    @property
    def lossless(self) -> bool:
        return self.codec in LOSSLESS_CODECS

    @property
    def duration_ms(self) -> DurationMs | None:
        return None if self.samples is None else DurationMs(round(self.samples * 1000 / self.sample_rate))


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """EBU R128. `gain_db` brings the track to the target of loudness.py without passing −1 dBTP."""

    integrated_lufs: float
    true_peak_db: float
    gain_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """One rung of the ladder as it was made. Rates in bits per second, measured (RFC 8216 §4.3.4.2)."""

    name: str
    codec: str
    bandwidth: int
    average_bandwidth: int
    sample_rate: int
    channels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """Read from the file, trimmed and bounded; absent ones are None."""

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    genre: str | None = None
    date: str | None = None
    track_number: str | None = None
    bpm: str | None = None
    isrc: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaResult:
    """What a transcode leaves on the track. Object keys are under `{track_id}/{content_id}/`.

    While the track is playable and not yet ready it holds what its container and its beginning tell: no loudness, tags,
    fingerprint, cover or download.
    """

    content_id: str
    samples: Samples
    sample_rate: int
    channels: int
    duration_ms: DurationMs
    encoder_delay: Samples
    lossless: bool
    loudness: Loudness | None
    renditions: tuple[Rendition, ...]
    tags: Tags
    fingerprint: str | None
    has_cover: bool
    download_bytes: int
