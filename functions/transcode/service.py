"""The use case: a scanned track becomes ready, is refused, or waits for another try.

Every step may be the last one this process makes. Keys and bytes depend only on the original and the ladder, so a
second run writes the same; the master playlist is written last, and the row moves after it.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol

from core.domain.errors import Conflict, MediaRejected, NotFound, ObjectGone, StoreUnavailable, Unavailable
from core.domain.ids import EpochSeconds, TrackId
from core.domain.media import MediaResult
from core.domain.reasons import ReasonCode
from core.domain.tracks import Progress, Track, TrackState
from core.messages import Message, TrackFailed, TrackPlayable, TrackRejected, TrackScanned, TranscodingCompleted
from core.ports import Clock, ObjectStore
from transcode.encode import Original, publish
from transcode.folder import MediaFolder
from transcode.ladder import content_id
from transcode.progress import ProgressReporter

LEASE_S: Final = 900
"""No worker lives longer: it is the longest time a function may run on Lambda."""
SAVE_TRIES: Final = 5
Change = Callable[[Track, EpochSeconds], Track | None]
"""A move of the newest revision, None if there is nothing to do."""


class Outcome(StrEnum):
    READY = "ready"
    REJECTED = "rejected"
    FAILED = "failed"
    HELD = "held"
    """Another worker has the track."""
    VOID = "void"
    """The track was deleted, or moved on without this message."""


class Tracks(Protocol):
    """What is used of the TrackRepository."""

    def get(self, track_id: TrackId) -> Track: ...

    def save(self, track: Track, *, events: Sequence[Message] = (), now: EpochSeconds) -> Track: ...

    def set_progress(self, track_id: TrackId, *, attempt: int, progress: Progress) -> None: ...


class Encoder(Protocol):
    """Turns an original into everything but its master playlist; see encode.FfmpegEncoder."""

    def encode(self, original: Original, folder: MediaFolder, progress: Callable[[float], None]) -> MediaResult:
        """Raises MediaRejected for the file's faults, ObjectGone, Unavailable for ours."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcoder:
    """The use case with what it needs."""

    tracks: Tracks
    store: ObjectStore
    encoder: Encoder
    media_bucket: str
    clock: Clock

    def transcode_track(self, message: TrackScanned, *, last_try: bool) -> Outcome:
        """Takes the track as far as it gets. Raises Unavailable where another try may help, if there is one left."""
        track = self._current(message)
        if track is None:
            return Outcome.VOID
        if track.state is TrackState.PLAYABLE:
            return self._complete(message)
        if self._save(message, _claimed) is None:
            return Outcome.HELD
        return self._work(message, track, last_try=last_try)

    def _work(self, message: TrackScanned, track: Track, *, last_try: bool) -> Outcome:
        try:
            return self._settle(message, track)
        except ObjectGone:
            return self._fail(message, ReasonCode.OBJECT_GONE)
        except Unavailable:
            if last_try:
                return self._fail(message, ReasonCode.TRANSCODE_FAILED)
            self._save(message, _released)
            raise

    def _settle(self, message: TrackScanned, track: Track) -> Outcome:
        try:
            return self._make(message, track)
        except MediaRejected as refusal:
            return self._reject(message, track, refusal.reason)

    def _make(self, message: TrackScanned, track: Track) -> Outcome:
        folder = self._folder(track)
        result = self._encode(track, folder)
        current = self._current(message)
        if current is None or current.state is not TrackState.TRANSCODING:
            self._sweep_up(message, folder)
            return Outcome.VOID
        publish(result, folder)
        playable = TrackPlayable(track_id=track.id, owner_id=track.owner_id, attempt=track.attempt)
        if self._save(message, lambda t, now: _playable(t, now, result), playable) is None:
            self._sweep_up(message, folder)
            return Outcome.VOID
        return self._complete(message)

    def _encode(self, track: Track, folder: MediaFolder) -> MediaResult:
        assert track.original is not None, "the scan promotes the original before it sends the message"
        assert track.source is not None, "the scan knows what it has promoted"
        work = Original(object=track.original, source=track.source, title=track.title)
        return self.encoder.encode(work, folder, ProgressReporter(self.tracks, track, self.clock))

    def _complete(self, message: TrackScanned) -> Outcome:
        """From `playable`, also where a worker died right after it."""
        done = self._save(
            message,
            lambda t, now: t.ended(TrackState.READY, None, now) if t.state is TrackState.PLAYABLE else None,
            TranscodingCompleted(track_id=message.track_id, owner_id=message.owner_id, attempt=message.attempt),
        )
        return Outcome.VOID if done is None else Outcome.READY

    def _reject(self, message: TrackScanned, track: Track, reason: ReasonCode) -> Outcome:
        self._folder(track).clear()
        event = TrackRejected(track_id=track.id, owner_id=track.owner_id, attempt=track.attempt, reason=reason.value)
        ended = self._save(message, lambda t, now: t.ended(TrackState.REJECTED, reason, now), event)
        return Outcome.VOID if ended is None else Outcome.REJECTED

    def _fail(self, message: TrackScanned, reason: ReasonCode) -> Outcome:
        self._tidy_up(message)
        event = TrackFailed(
            track_id=message.track_id, owner_id=message.owner_id, attempt=message.attempt, reason=reason.value
        )
        ended = self._save(message, lambda t, now: t.ended(TrackState.FAILED, reason, now), event)
        return Outcome.VOID if ended is None else Outcome.FAILED

    def _tidy_up(self, message: TrackScanned) -> None:
        """Leaves no half-made files behind; where the storage is what failed, a retry or the purge finds them."""
        track = self._current(message)
        if track is not None and track.state is TrackState.TRANSCODING:
            with suppress(Unavailable):
                self._folder(track).clear()

    def _folder(self, track: Track) -> MediaFolder:
        assert track.sha256 is not None, "the scan hashes what it promotes"
        return MediaFolder(self.store, self.media_bucket, track.id, content_id(track.sha256))

    def _sweep_up(self, message: TrackScanned, folder: MediaFolder) -> None:
        """Leaves nothing behind of a track that was deleted meanwhile; a newer attempt may need the same keys."""
        try:
            deleted = self.tracks.get(TrackId(message.track_id)).deleted_at is not None
        except NotFound:
            deleted = True
        if deleted:
            folder.clear()

    def _current(self, message: TrackScanned) -> Track | None:
        """The track, if this message still has something to say about it."""
        try:
            track = self.tracks.get(TrackId(message.track_id))
        except NotFound:
            return None
        void = track.deleted_at is not None or track.attempt != message.attempt
        return None if void or track.state not in {TrackState.TRANSCODING, TrackState.PLAYABLE} else track

    def _save(self, message: TrackScanned, change: Change, *events: Message) -> Track | None:
        """Applies `change` to the newest revision; None if the track moved on or `change` declines.

        Owners edit their tracks while we work: a stale revision is read again and decided anew.
        """
        for _ in range(SAVE_TRIES):
            track = self._current(message)
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


def _claimed(track: Track, now: EpochSeconds) -> Track | None:
    return track.claimed(TrackState.TRANSCODING, now, LEASE_S) if track.state is TrackState.TRANSCODING else None


def _released(track: Track, _now: EpochSeconds) -> Track:
    """Free for the next try, which comes before the lease ends."""
    return replace(track, lease_until=None)


def _playable(track: Track, now: EpochSeconds, result: MediaResult) -> Track | None:
    if track.state is not TrackState.TRANSCODING:
        return None
    return replace(track.moved(TrackState.PLAYABLE, now), media=result)
