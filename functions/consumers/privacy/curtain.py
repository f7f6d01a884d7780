"""Hides the tracks of an account that closes, and shows them again if it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consumers.privacy.tracks import change, tracks_of
from core.domain.errors import NotFound

if TYPE_CHECKING:
    from core.domain.ids import AccountId
    from core.domain.tracks import Track
    from core.ports.clock import Clock
    from core.store.accounts import AccountRepository
    from core.store.tracks import TrackRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Curtain:
    accounts: AccountRepository
    tracks: TrackRepository
    clock: Clock

    def settle(self, account_id: AccountId) -> bool:
        """Makes all tracks as the account is now, in whatever order the news of it came; False if it is gone."""
        try:
            leaving = self.accounts.get(account_id).closing_at is not None
        except NotFound:
            return False
        now = self.clock.now()

        def settled(track: Track) -> Track:
            return track if track.deleted_at is not None else track.with_owner(now, leaving=leaving)

        for track in tracks_of(account_id, self.tracks):
            change(track.id, settled, tracks=self.tracks, now=now)
        return True
