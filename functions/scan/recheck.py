"""The use case: virus definitions changed → a promoted original is scanned again, and withdrawn if it is infected.

The order of effects lets the retry repair a crash anywhere: first the copy in quarantine, then the decision (state,
verdict and event in one transaction), then the media and what had arrived, the original last. A rejected track that
still names its original is one whose removal was cut short.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from core.domain.errors import Conflict, NotFound, ObjectGone, StorageUnavailable
from core.domain.ids import TrackId
from core.domain.reasons import ReasonCode
from core.domain.tracks import StoredObject, Track, TrackState
from core.domain.verdicts import ScanVerdict, Verdict
from core.messages.tracks import TrackRejected
from core.ports.clock import Clock
from core.ports.storage import ObjectStore

if TYPE_CHECKING:
    from core.store.tracks import TrackRepository
    from scan.examination import Examiner

PROMOTED: Final = frozenset({TrackState.TRANSCODING, TrackState.PLAYABLE, TrackState.READY})
SAVE_TRIES: Final = 5


class Recheck(StrEnum):
    CLEAN = "recheck_clean"
    UNDECIDED = "recheck_undecided"
    """The engine could not look inside. It could when the track was promoted: no ground to withdraw it."""
    WITHDRAWN = "recheck_withdrawn"
    FINISHED = "recheck_finished"
    """An earlier withdrawal was cut short."""
    VOID = "recheck_void"
    """The track was deleted, has failed, or was rejected by the first scan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckService:
    tracks: TrackRepository
    store: ObjectStore
    examiner: Examiner
    clock: Clock
    quarantine_bucket: str
    media_bucket: str

    def recheck(self, track_id: TrackId) -> Recheck:
        """Scans the track's original with today's definitions. Raises Unavailable: bring it again later."""
        track = self._find(track_id)
        if track is None or track.original is None:
            return Recheck.VOID
        if _withdrawn(track):
            self._remove(track, track.original)
            return Recheck.FINISHED
        if track.state not in PROMOTED:
            return Recheck.VOID
        try:
            verdict = self.examiner.verdict_on(track.original)
        except ObjectGone:
            return Recheck.VOID
        if verdict.verdict is Verdict.INFECTED:
            return self._withdraw(track, track.original, verdict)
        self.tracks.record_verdict(verdict)
        return Recheck.CLEAN if verdict.verdict is Verdict.CLEAN else Recheck.UNDECIDED

    def _find(self, track_id: TrackId) -> Track | None:
        try:
            track = self.tracks.get(track_id)
        except NotFound:
            return None
        return track if track.deleted_at is None else None

    def _withdraw(self, track: Track, original: StoredObject, verdict: ScanVerdict) -> Recheck:
        self.store.copy(original, self.quarantine_bucket, f"{track.id}/{track.upload_id}")
        before = self._reject(track.id, verdict)
        if before is None:
            return Recheck.VOID
        self._remove(before, original)
        if before.lease_until is not None and before.lease_until > self.clock.now():
            # The transcoder at work publishes nothing more, but segments it still writes have to go too. This message
            # comes back after its visibility time: an hour on AWS, where no worker lives for more than 15 minutes.
            raise StorageUnavailable("The track was withdrawn under the transcoder, and is cleared once more later.")
        return Recheck.WITHDRAWN

    def _reject(self, track_id: TrackId, verdict: ScanVerdict) -> Track | None:
        """The track as it was before it became rejected; None if somebody else ended it.

        Owners and the transcoder save it while we work: a stale revision is read again and decided anew.
        """
        for _ in range(SAVE_TRIES):
            track, now = self._find(track_id), self.clock.now()
            if track is None or track.state not in PROMOTED or track.original != verdict.object:
                return None
            reason = ReasonCode.INFECTED
            ended = replace(track.ended(TrackState.REJECTED, reason, now), media=None)
            event = TrackRejected(track_id=track.id, owner_id=track.owner_id, attempt=track.attempt, reason=reason)
            try:
                self.tracks.save(ended, events=[event], verdict=verdict, now=now)
            except Conflict as conflict:
                if conflict.code != "stale_track":
                    raise
            else:
                return track
        raise Conflict("The track changes too fast to be withdrawn.", code="stale_track")

    def _remove(self, track: Track, original: StoredObject) -> None:
        """What can be heard first. A CDN may keep copies, but its edge asks for a token, and none is given any more."""
        self.store.delete_prefix(self.media_bucket, f"{track.id}/")
        if track.incoming is not None:
            self.store.delete(track.incoming)
        self.store.delete(original)


def _withdrawn(track: Track) -> bool:
    return track.state is TrackState.REJECTED and track.reason is ReasonCode.INFECTED
