"""How often a track was heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.errors import NotFound
from core.domain.ids import AccountId, TrackId

if TYPE_CHECKING:
    from core.store.plays import Plays
    from core.store.tracks import TrackRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayCounts:
    tracks: TrackRepository
    plays: Plays

    def of(self, track_id: TrackId, caller: AccountId | None) -> int:
        """Raises NotFound(`track_not_found`) for whom it is not there."""
        if not self.tracks.get(track_id).readable_by(caller):
            raise NotFound("There is no such track.", code="track_not_found")
        return self.plays.of(track_id)
