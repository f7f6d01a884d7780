"""What an account hears: one session, on one device at a time, wherever its sockets are.

idle → paused ⇄ playing, and back to idle. Positions are anchored: `position_ms` was true at `at` by our clock, so
nobody need be told of a position that only goes on.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from core.domain.errors import Conflict, InvalidInput
from core.domain.ids import AccountId, DurationMs, EpochMs, EpochSeconds, TrackId
from core.domain.quality import Bandwidth
from core.domain.sockets import ConnectionId

COUNTS_AFTER_MS: Final = 30_000
"""Of hearing, or half of what is shorter than a minute: then a listen is a play. As Last.fm's scrobbling rules count
from half of a track, and others from half a minute."""
REPORT_GAP_MS: Final = 45_000
"""Whoever says nothing for longer was not heard to listen; a report comes with every heartbeat."""
SESSION_KEEP_S: Final = 30 * 24 * 3600
_NOTHING: Final = DurationMs(0)
_NEVER: Final = EpochSeconds(0)
_NEVER_MS: Final = EpochMs(0)


class PlaybackState(StrEnum):
    IDLE = "idle"
    PAUSED = "paused"
    PLAYING = "playing"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackSession:
    """`device` is the socket that plays; None if it is gone, and whichever comes next may go on."""

    account_id: AccountId
    device: ConnectionId | None = None
    state: PlaybackState = PlaybackState.IDLE
    track_id: TrackId | None = None
    duration_ms: DurationMs = _NOTHING
    position_ms: int = 0
    at: EpochMs = _NEVER_MS
    heard_ms: int = 0
    """Of this listen, measured by our clock: no client can hear faster than time goes."""
    counted: bool = False
    """It is a play already, or never will be: an artist's own listens are none."""
    media_until: EpochSeconds = _NEVER
    """When the device's address of the media ends."""
    bandwidth: Bandwidth = field(default_factory=Bandwidth)
    """Of the device's line."""
    revision: int = 0
    """Optimistic lock, owned by the repository."""

    def position(self, now: EpochMs) -> int:
        gone_by = max(0, now - self.at) if self.state is PlaybackState.PLAYING else 0
        return min(self.duration_ms, self.position_ms + gone_by)

    def loaded(
        self,
        device: ConnectionId,
        track_id: TrackId,
        duration_ms: DurationMs,
        *,
        position_ms: int,
        counts: bool,
        now: EpochMs,
    ) -> "PlaybackSession":
        """Another listen, paused, on that device. Raises InvalidInput(`position_invalid`)."""
        return PlaybackSession(
            account_id=self.account_id,
            device=device,
            state=PlaybackState.PAUSED,
            track_id=track_id,
            duration_ms=duration_ms,
            position_ms=_within(position_ms, duration_ms),
            at=now,
            counted=not counts,
            bandwidth=self.bandwidth if device == self.device else Bandwidth(),
            revision=self.revision,
        )

    def taken(self, device: ConnectionId, now: EpochMs) -> "PlaybackSession":
        """The same listen, going on from here. Raises Conflict(`nothing_loaded`)."""
        self._must_be_loaded()
        return replace(
            self.heard_until(now), device=device, bandwidth=Bandwidth(), position_ms=self.position(now), at=now
        )

    def moved(self, state: PlaybackState, position_ms: int, now: EpochMs) -> "PlaybackSession":
        """Playing or paused from `position_ms` on: what play, pause and seek come to.

        Raises Conflict(`nothing_loaded`), InvalidInput(`position_invalid`).
        """
        self._must_be_loaded()
        position = _within(position_ms, self.duration_ms)
        return replace(self.heard_until(now), state=state, position_ms=position, at=now)

    def reported(self, position_ms: int, now: EpochMs) -> "PlaybackSession":
        """Where the device really is: a player that waits for bytes hears nothing. Raises as `moved`."""
        self._must_be_loaded()
        position = _within(position_ms, self.duration_ms)
        on = max(0, position - self.position_ms)
        return replace(self.heard_until(now, at_most_ms=on), position_ms=position, at=now)

    def stopped(self, now: EpochMs) -> "PlaybackSession":
        """Nothing is loaded any more."""
        return replace(self, state=PlaybackState.IDLE, track_id=None, duration_ms=_NOTHING, position_ms=0, at=now)

    def left(self, now: EpochMs) -> "PlaybackSession":
        """Its device is gone: paused where it must have been."""
        if self.state is not PlaybackState.PLAYING:
            return replace(self, device=None)
        until = EpochMs(min(now, self.at + REPORT_GAP_MS))
        paused = self.heard_until(until)
        return replace(paused, device=None, state=PlaybackState.PAUSED, position_ms=self.position(until), at=now)

    def must_be_on(self, device: ConnectionId) -> None:
        """Raises Conflict(`playing_elsewhere`)."""
        if self.device != device:
            raise Conflict("You listen on another device. Take the session over first.", code="playing_elsewhere")

    @property
    def is_a_play(self) -> bool:
        """Heard for long enough, and not counted yet."""
        return not self.counted and self.duration_ms > 0 and self.heard_ms >= min(COUNTS_AFTER_MS, self.duration_ms / 2)

    def heard_until(self, now: EpochMs, *, at_most_ms: int = REPORT_GAP_MS) -> "PlaybackSession":
        if self.state is not PlaybackState.PLAYING:
            return self
        on = min(max(0, now - self.at), at_most_ms, REPORT_GAP_MS, max(0, self.duration_ms - self.position_ms))
        return replace(self, heard_ms=self.heard_ms + on)

    def _must_be_loaded(self) -> None:
        if self.track_id is None:
            raise Conflict("Nothing is loaded.", code="nothing_loaded")


def _within(position_ms: int, duration_ms: DurationMs) -> int:
    """Players stop a little behind the end. Raises InvalidInput(`position_invalid`)."""
    if not 0 <= position_ms <= duration_ms + 1000:
        raise InvalidInput("The track has no such position.", code="position_invalid", field="position_ms")
    return min(position_ms, duration_ms)
