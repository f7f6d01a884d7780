"""A track as one reader sees it: owners see everything, others what is public."""

from __future__ import annotations

from dataclasses import dataclass

from api.tracks.schemas import OwnTrack, PublicTrack, own_track, public_track
from core.domain.ids import AccountId
from core.domain.tracks import Track
from core.playback.media_urls import MediaUrls
from core.ports.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackPresenter:
    media_urls: MediaUrls
    clock: Clock

    def own(self, track: Track) -> OwnTrack:
        return own_track(track, self.media_urls, self.clock.now())

    def seen_by(self, reader: AccountId | None, track: Track) -> OwnTrack | PublicTrack:
        if reader == track.owner_id:
            return self.own(track)
        return public_track(track, self.media_urls, self.clock.now())
