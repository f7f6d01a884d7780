"""A track in our hands: claimed with a lease, renewed while we work, saved only while it is still ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from core.domain.errors import Conflict
from core.domain.ids import EpochSeconds
from core.domain.tracks import Progress, StoredObject, Track, TrackState
from core.domain.verdicts import ScanVerdict
from core.messages.message import Message
from core.ports.clock import Clock

if TYPE_CHECKING:
    from core.store.tracks import TrackRepository

LEASE_S: Final = 420
"""Longer than clamd may take for one file; renewed before it begins."""
RENEW_BELOW_S: Final = 390
SHOW_EVERY_S: Final = 2
SAVE_TRIES: Final = 5


class Lost(Exception):
    """The track was deleted, or somebody else took it over: our work on it is void."""


@dataclass(slots=True, kw_only=True)
class HeldTrack:
    track: Track
    tracks: TrackRepository
    clock: Clock
    _began: EpochSeconds = field(init=False)
    _shown: EpochSeconds = field(init=False)

    def __post_init__(self) -> None:
        self._began = self._shown = self.clock.now()

    def save(
        self,
        change: Callable[[Track], Track],
        *,
        events: Sequence[Message] = (),
        verdict: ScanVerdict | None = None,
    ) -> None:
        """Saves `change` on the newest track: a new title meanwhile is kept. Raises Lost if it is no longer ours."""
        for _ in range(SAVE_TRIES):
            try:
                self.track = self.tracks.save(change(self.track), events=events, verdict=verdict, now=self.clock.now())
            except Conflict:
                newest = self.tracks.get(self.track.id)
                if not _same_hands(newest, self.track):
                    raise Lost from None
                self.track = newest
            else:
                return
        raise Conflict("The track changes too fast to be saved.", code="stale_track")

    def renew(self) -> None:
        """Prolongs the lease if it is not fresh. Raises Lost."""
        now = self.clock.now()
        if self.track.lease_until is not None and self.track.lease_until - now < RENEW_BELOW_S:
            until = EpochSeconds(now + LEASE_S)
            self.save(lambda track: replace(track, lease_until=until, deadline=EpochSeconds(until + 60)))

    def show_progress(self, done: int, total: int) -> None:
        """Tells the artist how far the reading is, at most every SHOW_EVERY_S; renews the lease on the way."""
        now = self.clock.now()
        if now - self._shown < SHOW_EVERY_S:
            return
        self._shown = now
        self.renew()
        eta_s = round((now - self._began) * (total - done) / done)
        progress = Progress(stage=TrackState.SCANNING, percent=done * 100 // total, eta_s=eta_s)
        self.tracks.set_progress(self.track.id, attempt=self.track.attempt, progress=progress)


def claim(track: Track, incoming: StoredObject, *, tracks: TrackRepository, clock: Clock) -> HeldTrack | None:
    """The track in our hands; None while another worker has it, or if it left the scan behind meanwhile.

    A newer version takes it from a worker with an older one. That somebody saved the track since it was read says
    nothing about who holds it (the artist's `complete` comes in the same instant): it is read again, and decided anew.
    """
    for _ in range(SAVE_TRIES):
        now = clock.now()
        free = track if track.incoming == incoming else replace(track, lease_until=None)
        try:
            claimed = free.claimed(TrackState.SCANNING, now, LEASE_S)
            if claimed is None:
                return None
            held = tracks.save(replace(claimed, incoming=incoming), now=now)
        except Conflict as conflict:
            if conflict.code != "stale_track":
                return None
            newest = tracks.get(track.id)
            if newest.incoming != track.incoming:
                return None  # another worker claimed it, perhaps for a newer version, which must win
            track = newest
        else:
            return HeldTrack(track=held, tracks=tracks, clock=clock)
    raise Conflict("The track changes too fast to be claimed.", code="stale_track")


def _same_hands(newest: Track, ours: Track) -> bool:
    if newest.deleted_at is not None:
        return False
    return (newest.attempt, newest.state, newest.incoming, newest.lease_until) == (
        ours.attempt,
        ours.state,
        ours.incoming,
        ours.lease_until,
    )
