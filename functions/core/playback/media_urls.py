"""Signed addresses of what the media bucket holds of a track, for as long as limits.py says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.domain.ids import EpochSeconds
from core.domain.limits import ASSET_URL_S, DOWNLOAD_URL_S, PLAY_URL_S
from core.domain.media import MediaResult
from core.domain.playback import TokenKind, media_path
from core.domain.tracks import Track

LIFE_S: Final = {TokenKind.HLS: PLAY_URL_S, TokenKind.DOWNLOAD: DOWNLOAD_URL_S, TokenKind.ASSET: ASSET_URL_S}


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaUrls:
    base_url: str
    key: Callable[[], bytes]
    """The media secret; asked for when the first URL is signed."""

    def url(self, kind: TokenKind, track: Track, media: MediaResult, file: str, now: EpochSeconds) -> str:
        path = media_path(
            self.key(),
            kind=kind,
            track_id=track.id,
            content_id=media.content_id,
            file=file,
            expires_at=EpochSeconds(now + LIFE_S[kind]),
        )
        return f"{self.base_url.rstrip('/')}{path}"
