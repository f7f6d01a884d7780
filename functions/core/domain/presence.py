"""Whether somebody is there, as far as they like to tell."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.ids import AccountId, EpochSeconds, TrackId


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

    @property
    def shows(self) -> bool:
        return self.status is not Status.INVISIBLE
