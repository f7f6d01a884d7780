"""The track a message speaks of, as far as that message still has something to say about it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol

from core.domain.errors import Conflict, MediaRejected, NotFound, ObjectGone, StoreUnavailable, Unavailable
from core.domain.ids import EpochSeconds, TrackId
from core.domain.reasons import ReasonCode
from core.domain.tracks import Progress, Track, TrackState
from core.messages.message import Message
from core.messages.tracks import TrackFailed, TrackRejected, TrackScanned
from core.messages.work import PartRequest
from core.ports.clock import Clock
from transcode.folder import MediaFolder

LEASE_S: Final = 900
"""No worker lives longer: it is the longest time a function may run on Lambda."""
SAVE_TRIES: Final = 5
IN_WORK: Final = frozenset({TrackState.TRANSCODING, TrackState.PLAYABLE})
Change = Callable[[Track, EpochSeconds], Track | None]
"""A move of the newest revision, None if there is nothing to do."""


class Outcome(StrEnum):
    READY = "ready"
    PART_DONE = "part_done"
    """Others are still at work; who finishes last makes the track ready."""
    REJECTED = "rejected"
    FAILED = "failed"
    HELD = "held"
    """Another worker has the track, or the part."""
    VOID = "void"
    """The track was deleted, or moved on without this message."""


class MovedOn(Exception):
    """Found out in the middle of the work: nobody waits for it any more."""


class Tracks(Protocol):
    """What is used of the TrackRepository."""

    def get(self, track_id: TrackId) -> Track: ...

    def save(self, track: Track, *, events: Sequence[Message] = (), now: EpochSeconds) -> Track: ...

    def set_progress(self, track_id: TrackId, *, attempt: int, progress: Progress) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackWork:
    """One message's hold on its track."""

    message: TrackScanned | PartRequest
    tracks: Tracks
    clock: Clock

    @property
    def track_id(self) -> TrackId:
        return TrackId(self.message.track_id)

    def current(self) -> Track | None:
        """The track as it is now; None if the message is void."""
        try:
            track = self.tracks.get(self.track_id)
        except NotFound:
            return None
        void = track.deleted_at is not None or track.attempt != self.message.attempt
        return None if void or track.state not in IN_WORK else track

    def save(self, change: Change, *events: Message) -> Track | None:
        """Applies `change` to the newest revision; None if the track moved on or `change` declines.

        Owners edit their tracks while we work: a stale revision is read again and decided anew.
        """
        for _ in range(SAVE_TRIES):
            track = self.current()
            now = self.clock.now()
            changed = None if track is None else change(track, now)
            if changed is None:
                return None
            try:
                return self.tracks.save(changed, events=events, now=now)
            except Conflict as conflict:
                if conflict.code != "stale_track":
                    raise
        raise StoreUnavailable(f"the track changed under {SAVE_TRIES} saves")

    def settled(
        self, do: Callable[[], Outcome], *, folder: MediaFolder, give_back: Callable[[], None], last_try: bool
    ) -> Outcome:
        """What `do` comes to, its failures included. Raises Unavailable where another try may help, if one is left."""
        try:
            return self._judged(do, folder)
        except ObjectGone:
            return self._fail(ReasonCode.OBJECT_GONE, folder)
        except Unavailable:
            if last_try:
                return self._fail(ReasonCode.TRANSCODE_FAILED, folder)
            give_back()
            raise

    def _judged(self, do: Callable[[], Outcome], folder: MediaFolder) -> Outcome:
        try:
            return do()
        except MovedOn:
            return self.left_alone(folder)
        except MediaRejected as refusal:
            return self._reject(refusal.reason, folder)

    def left_alone(self, folder: MediaFolder) -> Outcome:
        """Leaves nothing behind of a track that was deleted or has ended; a newer attempt may need the same keys."""
        try:
            track = self.tracks.get(self.track_id)
        except NotFound:
            folder.clear()
            return Outcome.VOID
        ended = track.state in {TrackState.REJECTED, TrackState.FAILED} and track.attempt == self.message.attempt
        if track.deleted_at is not None or ended:
            folder.clear()
        return Outcome.VOID

    def _reject(self, reason: ReasonCode, folder: MediaFolder) -> Outcome:
        folder.clear()
        message = self.message
        event = TrackRejected(
            track_id=message.track_id, owner_id=message.owner_id, attempt=message.attempt, reason=reason.value
        )
        ended = self.save(lambda t, now: _ended(t, TrackState.REJECTED, reason, now), event)
        return Outcome.VOID if ended is None else Outcome.REJECTED

    def _fail(self, reason: ReasonCode, folder: MediaFolder) -> Outcome:
        """Leaves no half-made files behind; where the storage is what failed, a retry or the purge finds them."""
        if self.current() is not None:
            with suppress(Unavailable):
                folder.clear()
        message = self.message
        event = TrackFailed(
            track_id=message.track_id, owner_id=message.owner_id, attempt=message.attempt, reason=reason.value
        )
        ended = self.save(lambda t, now: _ended(t, TrackState.FAILED, reason, now), event)
        return Outcome.VOID if ended is None else Outcome.FAILED


def _ended(track: Track, to: TrackState, reason: ReasonCode, now: EpochSeconds) -> Track:
    """What could be heard of it already is gone."""
    return replace(track.ended(to, reason, now), media=None)
