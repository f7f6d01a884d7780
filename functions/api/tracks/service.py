"""Use cases of a track: list, look, rename, publish, retry, delete."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from api.track_changes import Change, change_track
from core.domain.errors import Conflict, NotFound, QueueUnavailable
from core.domain.ids import AccountId, EpochSeconds, TrackId
from core.domain.reasons import ReasonCode
from core.domain.tracks import Track, TrackState, Visibility, check_title
from core.domain.uploads import incoming_key
from core.messages.message import Message
from core.messages.tracks import TrackDeleted, TrackScanned
from core.messages.work import RescanRequest
from core.ports.clock import Clock
from core.ports.messaging import Queue

if TYPE_CHECKING:
    from core.store.page import Page
    from core.store.tracks import TrackRepository

NOTHING_LEFT: Final = frozenset({ReasonCode.UPLOAD_EXPIRED, ReasonCode.OBJECT_GONE})
"""Failures after which there are no bytes that another attempt could work on."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackService:
    tracks: TrackRepository
    scan_queue: Queue
    uploads_bucket: str
    clock: Clock

    def list_own(self, owner_id: AccountId, *, limit: int, cursor: str | None) -> Page[Track]:
        return self.tracks.list_by_owner(owner_id, limit=limit, cursor=cursor)

    def get(self, track_id: TrackId, reader: AccountId | None) -> Track:
        """The track if `reader` may see it; else NotFound(`track_not_found`), as if it did not exist."""
        track = self.tracks.get(track_id)
        if not track.readable_by(reader):
            raise _not_found()
        return track

    def edit(
        self, track_id: TrackId, owner_id: AccountId, *, title: str | None, visibility: Visibility | None
    ) -> Track:
        """Only what is given changes. Raises NotFound(`track_not_found`), InvalidInput(`title_invalid`)."""
        new_title = None if title is None else check_title(title)

        def decide(track: Track, now: EpochSeconds) -> Change | None:
            _must_be_there(track, owner_id)
            edited = replace(track, title=new_title or track.title, visibility=visibility or track.visibility)
            return None if edited == track else Change(track=replace(edited, updated_at=now))

        return change_track(track_id, decide, tracks=self.tracks, clock=self.clock)

    def delete(self, track_id: TrackId, owner_id: AccountId) -> None:
        """Unreadable from now on. Idempotent for its owner; NotFound(`track_not_found`) for anybody else."""

        def decide(track: Track, now: EpochSeconds) -> Change | None:
            if track.owner_id != owner_id:
                raise _not_found()
            if track.deleted_at is not None:
                return None
            return Change(track=track.deleted(now), events=[TrackDeleted(track_id=track.id, owner_id=track.owner_id)])

        change_track(track_id, decide, tracks=self.tracks, clock=self.clock)

    def retry(self, track_id: TrackId, owner_id: AccountId) -> Track:
        """A new attempt of a failed track, without another upload.

        Raises NotFound(`track_not_found`), Conflict(`not_retryable`) for a track that did not fail, or of which
        there are no bytes left.
        """

        def decide(track: Track, now: EpochSeconds) -> Change:
            _must_be_there(track, owner_id)
            if track.reason in NOTHING_LEFT and track.original is None:
                raise Conflict("The file is not there any more. Please upload it again.", code="not_retryable")
            again = track.retried(now)
            return Change(track=again, events=_restart(again))

        track = change_track(track_id, decide, tracks=self.tracks, clock=self.clock)
        if track.state is TrackState.UPLOADED:
            self._ask_for_scan(track)
        return track

    def _ask_for_scan(self, track: Track) -> None:
        request = RescanRequest(bucket=self.uploads_bucket, key=incoming_key(track.id, track.upload_id))
        try:
            self.scan_queue.send(request.model_dump_json())
        except QueueUnavailable:
            # The track is saved with its deadline, so the sweep sends the same request some minutes later.
            _log.warning("rescan_left_to_sweep", extra={"track_id": track.id})


def _restart(track: Track) -> list[Message]:
    """What sets off a transcode; a scan has no event of its own and is asked for on its queue."""
    if track.state is not TrackState.TRANSCODING:
        return []
    return [TrackScanned(track_id=track.id, owner_id=track.owner_id, attempt=track.attempt)]


def _must_be_there(track: Track, owner_id: AccountId) -> None:
    if track.owner_id != owner_id or track.deleted_at is not None:
        raise _not_found()


def _not_found() -> NotFound:
    return NotFound("There is no such track.", code="track_not_found")
