"""Change a track that workers may be changing at the same time: load, decide, save; if stale, decide again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.domain.errors import Conflict
from core.domain.tracks import Track

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.domain.ids import EpochSeconds, TrackId
    from core.messages.message import Message
    from core.ports.clock import Clock
    from core.store.tracks import TrackRepository

ATTEMPTS: Final = 4
"""Losing the race more often than this means that something is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    track: Track
    events: Sequence[Message] = ()


def change_track(
    track_id: TrackId,
    decide: Callable[[Track, EpochSeconds], Change | None],
    *,
    tracks: TrackRepository,
    clock: Clock,
) -> Track:
    """The track after the change; `decide` sees the track as it is now and answers None to leave it so.

    Raises NotFound(`track_not_found`), Conflict(`stale_track`) if somebody else was faster every time, and
    whatever `decide` raises.
    """
    for attempt in range(1, ATTEMPTS + 1):
        track, now = tracks.get(track_id), clock.now()
        change = decide(track, now)
        if change is None:
            return track
        try:
            return tracks.save(change.track, events=change.events, now=now)
        except Conflict:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable: the last attempt returns or raises")
