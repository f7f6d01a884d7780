"""Whether somebody is there, as far as they like to tell."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.domain.ids import AccountId, EpochSeconds, TrackId
from core.domain.limits import TRACK_MAX_DURATION_S

CHOICE_KEEP_S: Final = 30 * 24 * 3600
"""So long somebody stays what they said, unless they say something else."""


class Status(StrEnum):
    """What somebody says of themselves."""

    ONLINE = "online"
    AWAY = "away"
    BUSY = "busy"
    INVISIBLE = "invisible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """`track_id` is what they hear, if they want that told."""

    account_id: AccountId
    status: Status
    track_id: TrackId | None = None
    since: EpochSeconds

    def hears(self, now: EpochSeconds) -> TrackId | None:
        """No longer than a track can be: nobody says that it is over."""
        return self.track_id if now - self.since < TRACK_MAX_DURATION_S else None

    @property
    def shows(self) -> bool:
        return self.status is not Status.INVISIBLE
