"""Tickets to hear a track: one, after which the CDN answers alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.domain.errors import Conflict, NotFound
from core.domain.ids import AccountId, EpochSeconds, TrackId
from core.domain.limits import PLAY_URL_S
from core.domain.media import MediaResult
from core.domain.playback import DOWNLOAD, EVENT, MASTER, TokenKind
from core.domain.tracks import STREAMABLE, TrackState
from core.playback.media_urls import MediaUrls
from core.ports.clock import Clock

if TYPE_CHECKING:
    from core.store.tracks import TrackRepository

RENEW_AFTER_S: Final = PLAY_URL_S * 2 // 3
"""Leaves a player a third of the ticket's life to get the next one, retries included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    hls_url: str
    download_url: str | None
    expires_at: EpochSeconds
    renew_after_s: int
    owner_id: AccountId
    media: MediaResult

    @property
    def renew_at(self) -> EpochSeconds:
        return EpochSeconds(self.expires_at - PLAY_URL_S + self.renew_after_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tickets:
    tracks: TrackRepository
    media_urls: MediaUrls
    clock: Clock

    def ticket(self, track_id: TrackId, listener: AccountId | None) -> Ticket:
        """What `listener` (None: anybody) needs to hear the track.

        Raises NotFound(`track_not_found`) for whom it is not there, Conflict(`not_playable_yet`) for its owner while
        it is being made.
        """
        track = self.tracks.get(track_id)
        if not track.readable_by(listener):
            raise NotFound("There is no such track.", code="track_not_found")
        if track.state not in STREAMABLE or track.media is None:
            raise Conflict("The track can't be played yet.", code="not_playable_yet")
        now, media = self.clock.now(), track.media
        master = MASTER if track.state is TrackState.READY else EVENT
        downloadable = listener == track.owner_id and media.download_bytes > 0
        return Ticket(
            hls_url=self.media_urls.url(TokenKind.HLS, track, media, master, now),
            download_url=self.media_urls.url(TokenKind.DOWNLOAD, track, media, DOWNLOAD, now) if downloadable else None,
            expires_at=EpochSeconds(now + PLAY_URL_S),
            renew_after_s=RENEW_AFTER_S,
            owner_id=track.owner_id,
            media=media,
        )
