"""Tells the artist how far the transcode is and how long it may still take."""

from typing import Final, Protocol

from core.domain.errors import Unavailable
from core.domain.ids import EpochSeconds, TrackId
from core.domain.tracks import Progress, Track, TrackState
from core.ports.clock import Clock

EVERY_S: Final = 2


class ProgressStore(Protocol):
    """What is used of the TrackRepository."""

    def set_progress(self, track_id: TrackId, *, attempt: int, progress: Progress) -> None: ...


class ProgressReporter:
    """Call it with the share that is done, 0 to 1, as often as you like; it writes every two seconds at most."""

    def __init__(self, tracks: ProgressStore, track: Track, clock: Clock) -> None:
        self._tracks = tracks
        self._track = track
        self._clock = clock
        self._started = clock.now()
        self._reported = self._started

    def __call__(self, share: float) -> None:
        now = self._clock.now()
        if share <= 0 or now - self._reported < EVERY_S:
            return
        self._reported = EpochSeconds(now)
        eta_s = round((now - self._started) * (1 - share) / share)
        progress = Progress(stage=TrackState.TRANSCODING, percent=min(99, int(share * 100)), eta_s=eta_s)
        try:
            self._tracks.set_progress(self._track.id, attempt=self._track.attempt, progress=progress)
        except Unavailable:
            return  # the next report comes in two seconds, and no track fails for want of a number
