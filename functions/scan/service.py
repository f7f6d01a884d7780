"""The use case: an object arrived → it is promoted, refused or locked away, and its track says so.

Only an explicit CLEAN of this very version lets bytes through. Every step may be repeated: copies go to keys that are
the same on every run, and bytes are deleted only after the track was saved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from core.domain.errors import NotFound, ObjectGone, Unavailable
from core.domain.ids import TrackId, UploadId
from core.domain.limits import MAX_REDRIVES
from core.domain.reasons import ReasonCode
from core.domain.tracks import StoredObject, Track, TrackState
from core.domain.uploads import parse_incoming_key
from core.domain.verdicts import Verdict
from core.messages.tracks import TrackFailed, TrackRejected, TrackScanned
from core.ports.clock import Clock
from core.ports.storage import ObjectInfo, ObjectStore
from scan.decision import Promotion, Refusal
from scan.held import HeldTrack, Lost, claim
from scan.sniff import sniff

if TYPE_CHECKING:
    from core.domain.media import SourceFacts
    from core.store.tracks import TrackRepository
    from core.store.uploads import UploadRepository
    from scan.examination import Examiner

WAITING: Final = frozenset({TrackState.DRAFT, TrackState.UPLOADED, TrackState.SCANNING})
"""States in which an arrived object is news."""


class Outcome(StrEnum):
    PROMOTED = "promoted"
    REJECTED = "rejected"
    FAILED = "failed"
    GONE = "gone"
    """The object no longer exists; the track failed for good."""
    DISCARDED = "discarded"
    """The object is none of ours, or its track is gone."""
    DUPLICATE = "duplicate"
    """The track has left the scan behind."""
    SUPERSEDED = "superseded"
    """Another version of the object wins: a newer one, or the one the track was made of."""
    HELD = "held"
    """Another worker is at it; should that one die, the sweep brings the track back."""
    LOST = "lost"
    """The track was deleted or taken over while we worked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanService:
    tracks: TrackRepository
    uploads: UploadRepository
    store: ObjectStore
    examiner: Examiner
    clock: Clock
    uploads_bucket: str
    originals_bucket: str
    quarantine_bucket: str

    def scan_object(self, bucket: str, key: str, version_id: str | None) -> Outcome:
        """Handles one arrival; None as version means the newest. Raises Unavailable: bring it again later."""
        ids = parse_incoming_key(key)
        track = self._track(*ids) if ids is not None and bucket == self.uploads_bucket else None
        if track is None:
            return Outcome.DISCARDED
        if track.state not in WAITING:
            self._finish_deletion(track, version_id)
            return Outcome.DUPLICATE if _names(track.incoming, version_id) else Outcome.SUPERSEDED
        try:
            info = self.store.head(bucket, key)
            if version_id not in {None, info.object.version_id}:
                return Outcome.SUPERSEDED
            held = claim(track, info.object, tracks=self.tracks, clock=self.clock)
            return Outcome.HELD if held is None else self._scan(held, info)
        except ObjectGone:
            return self._gone(track.id)
        except Lost:
            return Outcome.LOST

    def _track(self, track_id: TrackId, upload_id: UploadId) -> Track | None:
        try:
            track = self.tracks.get(track_id)
        except NotFound:
            return None
        return track if track.upload_id == upload_id and track.deleted_at is None else None

    def _scan(self, held: HeldTrack, info: ObjectInfo) -> Outcome:
        try:
            return self._scan_held(held, info)
        except Unavailable:
            if self._give_back(held):
                return Outcome.FAILED
            raise

    def _scan_held(self, held: HeldTrack, info: ObjectInfo) -> Outcome:
        upload = self.uploads.get(held.track.upload_id)
        decision = self.examiner.examine(
            info,
            upload,
            sniff,
            on_progress=lambda done: held.show_progress(done, info.size_bytes),
            on_read=held.renew,
        )
        return self._promote(held, decision) if isinstance(decision, Promotion) else self._refuse(held, decision)

    def _promote(self, held: HeldTrack, promotion: Promotion[SourceFacts]) -> Outcome:
        verdict, track, now = promotion.verdict, held.track, self.clock.now()
        original = self.store.copy(verdict.object, self.originals_bucket, f"{track.id}/{verdict.sha256}")
        held.save(
            lambda newest: replace(
                newest.moved(TrackState.TRANSCODING, now),
                original=original,
                scanned_at=now,
                sha256=verdict.sha256,
                source=promotion.facts,
                redrives=0,
                progress=None,
            ),
            events=[TrackScanned(track_id=track.id, owner_id=track.owner_id, attempt=track.attempt)],
            verdict=verdict,
        )
        return Outcome.PROMOTED

    def _refuse(self, held: HeldTrack, refusal: Refusal) -> Outcome:
        verdict, reason, track, now = refusal.verdict, refusal.reason, held.track, self.clock.now()
        if verdict.verdict is Verdict.INFECTED:
            self.store.copy(verdict.object, self.quarantine_bucket, f"{track.id}/{track.upload_id}")
        held.save(
            lambda newest: replace(newest.ended(TrackState.REJECTED, reason, now), sha256=verdict.sha256),
            events=[TrackRejected(track_id=track.id, owner_id=track.owner_id, attempt=track.attempt, reason=reason)],
            verdict=verdict,
        )
        self.store.delete(verdict.object)
        return Outcome.REJECTED

    def _finish_deletion(self, track: Track, version_id: str | None) -> None:
        """A worker that died between refusing and deleting left the bytes behind."""
        refused = track.incoming
        if track.state is TrackState.REJECTED and refused is not None and _names(refused, version_id):
            self.store.delete(refused)

    def _gone(self, track_id: TrackId) -> Outcome:
        """No retry brings the object back. Unless the track ended meanwhile, and its bytes went with it."""
        newest = HeldTrack(track=self.tracks.get(track_id), tracks=self.tracks, clock=self.clock)
        if newest.track.state not in WAITING or newest.track.deleted_at is not None:
            return Outcome.DUPLICATE
        self._fail(newest, ReasonCode.OBJECT_GONE)
        return Outcome.GONE

    def _fail(self, held: HeldTrack, reason: ReasonCode) -> None:
        track, now = held.track, self.clock.now()
        held.save(
            lambda newest: newest.ended(TrackState.FAILED, reason, now),
            events=[TrackFailed(track_id=track.id, owner_id=track.owner_id, attempt=track.attempt, reason=reason)],
        )

    def _give_back(self, held: HeldTrack) -> bool:
        """Lets the track be scanned again later; True if it failed instead, being redriven MAX_REDRIVES times."""
        track, now = held.track, self.clock.now()
        if track.state is not TrackState.SCANNING:
            return False
        if track.redrives >= MAX_REDRIVES:
            self._fail(held, ReasonCode.SCAN_FAILED)
            return True
        held.save(lambda newest: replace(newest.awaited(now), lease_until=None, progress=None))
        return False


def _names(incoming: StoredObject | None, version_id: str | None) -> bool:
    """Whether an arrival of `version_id` is about these bytes; one without a version always is."""
    return incoming is None or version_id in {None, incoming.version_id}
