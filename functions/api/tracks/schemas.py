"""Wire shapes of tracks: what everybody sees, and what only the owner does."""

from dataclasses import asdict
from typing import Self

from pydantic import Field

from api.wire import Id, Timestamp, Wire
from core.domain.ids import EpochSeconds
from core.domain.media import MediaResult
from core.domain.playback import COVER, WAVEFORM_DETAIL, WAVEFORM_OVERVIEW, TokenKind
from core.domain.reasons import MESSAGES, ReasonCode
from core.domain.tracks import STREAMABLE, Track, TrackState, Visibility
from core.playback.media_urls import MediaUrls


class TrackReason(Wire):
    """Why the track was rejected or failed, or an attachment refused."""

    code: ReasonCode
    message: str

    @classmethod
    def of(cls, reason: ReasonCode | None) -> Self | None:
        return None if reason is None else cls(code=reason, message=MESSAGES[reason])


class TrackProgress(Wire):
    stage: str
    percent: int = Field(ge=0, le=100)
    eta_s: int | None

    @classmethod
    def of(cls, track: Track) -> Self | None:
        found = track.progress
        return None if found is None else cls(stage=found.stage, percent=found.percent, eta_s=found.eta_s)


class TrackTags(Wire):
    """What the file itself says."""

    title: str | None
    artist: str | None
    album: str | None
    genre: str | None
    date: str | None
    track_number: str | None
    bpm: str | None
    isrc: str | None
    comment: str | None


class TrackLoudness(Wire):
    """EBU R128."""

    integrated_lufs: float
    true_peak_db: float
    gain_db: float


class TrackRendition(Wire):
    name: str
    codec: str
    bandwidth: int
    average_bandwidth: int
    sample_rate: int
    channels: int


class PublicTrack(Wire):
    id: Id
    owner_id: Id
    title: str
    visibility: Visibility
    state: TrackState
    created_at: Timestamp
    updated_at: Timestamp
    duration_ms: int | None
    lossless: bool | None
    tags: TrackTags | None
    loudness: TrackLoudness | None
    renditions: list[TrackRendition]
    waveform_url: str | None = Field(description="Peaks of the whole track, JSON in the format of audiowaveform.")
    waveform_detail_url: str | None
    cover_url: str | None


class OwnTrack(PublicTrack):
    filename: str
    size_bytes: int
    sha256: str | None
    upload_id: Id
    attempt: int
    state_reason: TrackReason | None
    progress: TrackProgress | None


class TrackEdit(Wire):
    title: str | None = Field(default=None, max_length=1024)
    visibility: Visibility | None = None


def public_track(track: Track, urls: MediaUrls, now: EpochSeconds) -> PublicTrack:
    return PublicTrack.model_validate(_public(track, urls, now))


def own_track(track: Track, urls: MediaUrls, now: EpochSeconds) -> OwnTrack:
    return OwnTrack.model_validate(
        {
            **_public(track, urls, now),
            "filename": track.filename,
            "size_bytes": track.size_bytes,
            "sha256": track.sha256,
            "upload_id": track.upload_id,
            "attempt": track.attempt,
            "state_reason": TrackReason.of(track.reason),
            "progress": TrackProgress.of(track),
        }
    )


def _public(track: Track, urls: MediaUrls, now: EpochSeconds) -> dict[str, object]:
    media = track.media if track.state in STREAMABLE else None
    measured = track.source.duration_ms if track.source is not None else None
    return {
        "id": track.id,
        "owner_id": track.owner_id,
        "title": track.title,
        "visibility": track.visibility,
        "state": track.state,
        "created_at": track.created_at,
        "updated_at": track.updated_at,
        "duration_ms": measured if media is None else media.duration_ms,
        **_heard(media),
        **_drawn(track, media, urls, now),
    }


def _heard(media: MediaResult | None) -> dict[str, object]:
    if media is None:
        return {"lossless": None, "tags": None, "loudness": None, "renditions": []}
    return {
        "lossless": media.lossless,
        "tags": asdict(media.tags),
        "loudness": None if media.loudness is None else asdict(media.loudness),
        "renditions": [asdict(rendition) for rendition in media.renditions],
    }


def _drawn(track: Track, media: MediaResult | None, urls: MediaUrls, now: EpochSeconds) -> dict[str, str | None]:
    """Signed addresses of the pictures of a track; of each only what was made, and nothing is before it is ready."""
    if media is None or track.state is not TrackState.READY:
        return {"waveform_url": None, "waveform_detail_url": None, "cover_url": None}

    def asset(file: str) -> str:
        return urls.url(TokenKind.ASSET, track, media, file, now)

    return {
        "waveform_url": asset(WAVEFORM_OVERVIEW),
        "waveform_detail_url": asset(WAVEFORM_DETAIL),
        "cover_url": asset(COVER) if media.has_cover else None,
    }
