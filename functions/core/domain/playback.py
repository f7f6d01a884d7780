"""Media tokens: the signature in the path of every media URL, checked at the edge by edge/media-token.js.

    {base}/media/{kind}.{expires}.{signature}/{track_id}/{content_id}/{file}

`signature` is base64url without padding of HMAC-SHA-256(key, "{kind}.{expires}/{track_id}/{content_id}").
The edge strips `/media/{token}`, so all listeners share one cached object `{track_id}/{content_id}/{file}`.
"""

import base64
import hashlib
import hmac
from enum import StrEnum

from core.domain.ids import EpochSeconds, TrackId


class TokenKind(StrEnum):
    """What a token opens below its content prefix; the edge holds the same table."""

    HLS = "h"
    """master.m3u8, event.m3u8 and everything in the rungs' folders."""
    DOWNLOAD = "d"
    """download.mp3 alone."""
    ASSET = "a"
    """waveform-*.json, waveform-*.dat and cover-*.jpg."""


def media_path(
    key: bytes, *, kind: TokenKind, track_id: TrackId, content_id: str, file: str, expires_at: EpochSeconds
) -> str:
    """The signed path `/media/…/{file}`; prefix it with the media base URL."""
    scope = f"{track_id}/{content_id}"
    digest = hmac.new(key, f"{kind.value}.{expires_at}/{scope}".encode(), hashlib.sha256).digest()
    signature = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return f"/media/{kind.value}.{expires_at}.{signature}/{scope}/{file}"


MASTER = "master.m3u8"
EVENT = "event.m3u8"
"""The master playlist while the track is still being made, and in each early rung's folder the one that grows."""
INIT = "init.mp4"
"""In each rung's folder, beside its segments."""
DOWNLOAD = "download.mp3"
WAVEFORM_OVERVIEW = "waveform-overview.json"
WAVEFORM_DETAIL = "waveform-detail.json"
COVER = "cover-1200.jpg"


def segment_file(number: int) -> str:
    """Of a rung's segment; the first is number 1."""
    return f"{number:05d}.m4s"
