"""What becomes of a track whose deadline has passed: it is set going again, ended with a reason, or purged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.domain.errors import Conflict, ObjectGone
from core.domain.limits import MAX_REDRIVES
from core.domain.reasons import ReasonCode
from core.domain.tracks import Track, TrackState
from core.domain.uploads import UploadState, incoming_key
from core.messages.tracks import TrackFailed, TrackScanned
from core.messages.work import RescanRequest

if TYPE_CHECKING:
    from core.domain.uploads import Upload
    from core.ports.clock import Clock
    from core.ports.messaging import Queue
    from core.ports.storage import ObjectStore, UploadDoor
    from core.store.tracks import TrackRepository
    from core.store.uploads import UploadRepository


class Outcome(StrEnum):
    WAITING = "waiting"
    """A draft whose bytes may still come."""
    EVENT_LOST = "event_lost"
    """The bytes were there and nobody had told us."""
    REDRIVEN = "redriven"
    """Handed to the workers once more."""
    UPLOAD_EXPIRED = "upload_expired"
    OBJECT_GONE = "object_gone"
    TIMED_OUT = "timed_out"
    PURGED = "purged"
    MOVED_ON = "moved_on"
    """Somebody else changed the track first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepService:
    tracks: TrackRepository
    uploads: UploadRepository
    objects: ObjectStore
    door: UploadDoor
    scan_queue: Queue
    clock: Clock
    uploads_bucket: str
    originals_bucket: str
    quarantine_bucket: str
    media_bucket: str

    def overdue(self, *, limit: int) -> list[Track]:
        """Tracks to `settle`, the longest overdue first."""
        return self.tracks.due(self.clock.now(), limit=limit)

    def settle(self, track: Track) -> Outcome:
        """Takes the next step with one overdue track.

        Raises Unavailable; the next sweep finds the track again, as soon as its deadline has passed once more.
        """
        try:
            return self._settle(track)
        except Conflict:
            return Outcome.MOVED_ON

    def _settle(self, track: Track) -> Outcome:
        if track.deleted_at is not None:
            return self._purge(track)
        if track.state is TrackState.DRAFT:
            return self._look_for_upload(track)
        if track.redrives >= MAX_REDRIVES:
            return self._fail(track, ReasonCode.TIMED_OUT, Outcome.TIMED_OUT)
        if track.state in (TrackState.UPLOADED, TrackState.SCANNING):
            return self._scan_again(track)
        return self._transcode_again(track)

    def _look_for_upload(self, draft: Track) -> Outcome:
        now = self.clock.now()
        if self._has_arrived(draft):
            self.tracks.save(draft.moved(TrackState.UPLOADED, now), now=now)
            self._ask_for_scan(draft)
            return Outcome.EVENT_LOST
        upload = self.uploads.get(draft.upload_id)
        if upload.state is UploadState.OPEN and now < upload.expires_at:
            self.tracks.save(draft.awaited(now), now=now)
            return Outcome.WAITING
        outcome = self._fail(draft, ReasonCode.UPLOAD_EXPIRED, Outcome.UPLOAD_EXPIRED)
        self._close(upload)
        return outcome

    def _scan_again(self, track: Track) -> Outcome:
        if not self._has_arrived(track):
            return self._fail(track, ReasonCode.OBJECT_GONE, Outcome.OBJECT_GONE)
        # Saved first: of two sweeps that meet only one asks, and if asking fails this deadline brings the next try.
        now = self.clock.now()
        self.tracks.save(track.redriven(now), now=now)
        self._ask_for_scan(track)
        return Outcome.REDRIVEN

    def _transcode_again(self, track: Track) -> Outcome:
        now = self.clock.now()
        event = TrackScanned(track_id=track.id, owner_id=track.owner_id, attempt=track.attempt)
        self.tracks.save(track.redriven(now), events=[event], now=now)
        return Outcome.REDRIVEN

    def _fail(self, track: Track, reason: ReasonCode, outcome: Outcome) -> Outcome:
        now = self.clock.now()
        event = TrackFailed(track_id=track.id, owner_id=track.owner_id, attempt=track.attempt, reason=reason)
        self.tracks.save(track.ended(TrackState.FAILED, reason, now), events=[event], now=now)
        return outcome

    def _purge(self, track: Track) -> Outcome:
        """Objects before rows: what is cut short is found again as long as the row is there."""
        self.objects.delete_prefix(self.uploads_bucket, f"incoming/{track.id}/")
        self.objects.delete_prefix(self.originals_bucket, f"{track.id}/")
        self.objects.delete_prefix(self.quarantine_bucket, f"{track.id}/")
        self.objects.delete_prefix(self.media_bucket, f"{track.id}/")
        self.tracks.purge(track.id)
        return Outcome.PURGED

    def _close(self, upload: Upload) -> None:
        """No part can arrive any more. An upload that ended by itself stays as it is."""
        if upload.state is UploadState.OPEN:
            self.uploads.set_state(upload.id, UploadState.EXPIRED)
        if upload.multipart_id is not None:
            self.door.abort_multipart(upload.key, upload.multipart_id)

    def _has_arrived(self, track: Track) -> bool:
        """Whether the uploaded bytes are there: the version that is being worked on, or any if none is yet."""
        incoming = track.incoming
        try:
            if incoming is not None:
                self.objects.head(incoming.bucket, incoming.key, incoming.version_id)
            else:
                self.objects.head(self.uploads_bucket, incoming_key(track.id, track.upload_id))
        except ObjectGone:
            return False
        return True

    def _ask_for_scan(self, track: Track) -> None:
        key = incoming_key(track.id, track.upload_id)
        self.scan_queue.send(RescanRequest(bucket=self.uploads_bucket, key=key).model_dump_json())
