"""Listening together: a host says what is heard when, and everybody follows the same timeline by our clock."""

from dataclasses import dataclass, replace
from typing import Final, NewType

from core.domain.errors import NotAllowed
from core.domain.ids import AccountId, EpochMs, EpochSeconds, TrackId

PartyId = NewType("PartyId", str)
"""Whoever knows it may join: a UUIDv7 has 74 random bits."""

LEAD_MS: Final = 500
"""So far ahead everybody is told what happens, so that it happens everywhere at the same time."""
PARTY_KEEP_S: Final = 24 * 3600
"""After its last change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """From `at` on, `track_id` is at `position_ms`, and goes on if it is `playing`."""

    track_id: TrackId | None = None
    playing: bool = False
    position_ms: int = 0
    at: EpochMs

    def position(self, now: EpochMs) -> int:
        """ms; before `at` it is where it will begin."""
        return self.position_ms + (max(0, now - self.at) if self.playing else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """`seq` grows with every change: whoever has the latest knows all there is to know."""

    id: PartyId
    host_id: AccountId
    timeline: Timeline
    seq: int
    changed_at: EpochSeconds

    def led(self, by: AccountId, timeline: Timeline, now: EpochSeconds) -> "Party":
        """Raises NotAllowed(`host_needed`)."""
        if by != self.host_id:
            raise NotAllowed("Only the host says what is heard.", code="host_needed")
        return replace(self, timeline=timeline, seq=self.seq + 1, changed_at=now)

    def passed(self, by: AccountId, to: AccountId, now: EpochSeconds, *, host_is_there: bool) -> "Party":
        """The host passes it on to whom they like; once they are gone, anybody may take it.

        Raises NotAllowed(`host_needed`).
        """
        if by != self.host_id and (host_is_there or by != to):
            raise NotAllowed("Only the host passes it on.", code="host_needed")
        return replace(self, host_id=to, seq=self.seq + 1, changed_at=now)
