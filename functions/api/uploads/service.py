"""Use cases of an upload: announce, look, sign again, complete, abort. The bytes go straight to storage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api.track_changes import Change, change_track
from api.uploaders import must_be_verified
from api.uploads.drafts import Announcement, draft_of
from core.domain.errors import Conflict, InvalidInput, NotFound
from core.domain.ids import AccountId, EpochSeconds, UploadId
from core.domain.limits import UPLOAD_URL_EXPIRES_S
from core.domain.tracks import Track, TrackState
from core.domain.uploads import PartPlan, Strategy, Upload, UploadState, plan_parts
from core.messages.tracks import TrackDeleted
from core.ports.clock import Clock
from core.ports.storage import ObjectStore, SignedRequest, StoredPart, UploadDoor

if TYPE_CHECKING:
    from core.store.accounts import AccountRepository
    from core.store.tracks import TrackRepository
    from core.store.uploads import UploadRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPart:
    plan: PartPlan
    request: SignedRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDoor:
    """An upload and what its owner may send now: one `put`, or `parts`; neither once it is closed."""

    upload: Upload
    put: SignedRequest | None = None
    parts: tuple[SignedPart, ...] = ()
    urls_expire_at: EpochSeconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadStatus:
    upload: Upload
    track: Track
    stored: tuple[StoredPart, ...]
    missing: tuple[PartPlan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadService:
    accounts: AccountRepository
    tracks: TrackRepository
    uploads: UploadRepository
    objects: ObjectStore
    door: UploadDoor
    uploads_bucket: str
    clock: Clock

    def announce(self, owner_id: AccountId, wanted: Announcement) -> OpenDoor:
        """A draft track and the signed door for its bytes; with a known `client_token` the earlier upload again.

        Raises InvalidInput, NotAllowed(`email_not_verified`), Conflict(`client_token_reused`).
        """
        track, upload = draft_of(owner_id, wanted, self.clock.now())
        must_be_verified(owner_id, self.accounts)
        return self._opened(self._seen(self.tracks.create(track, upload)), None)

    def status(self, owner_id: AccountId, upload_id: UploadId) -> UploadStatus:
        """Where an upload stands. Raises NotFound(`upload_not_found`), for other people's uploads too."""
        return self._status_of(self._own(owner_id, upload_id))

    def sign_again(self, owner_id: AccountId, upload_id: UploadId, part_numbers: Sequence[int] | None) -> OpenDoor:
        """Fresh URLs for these parts, or for all that are missing; for a single PUT its one URL.

        Raises InvalidInput(`part_number_invalid`), Conflict(`upload_closed`, `upload_expired`).
        """
        upload = self._own(owner_id, upload_id)
        _must_be_open(upload)
        if upload.strategy is Strategy.PUT or part_numbers is None:
            missing = [plan.part_number for plan in self._status_of(upload).missing]
            return self._opened(upload, missing)
        known = {plan.part_number for plan in plan_parts(upload.size_bytes)}
        if unknown := sorted(set(part_numbers) - known):
            raise InvalidInput(
                f"The upload has parts 1 to {len(known)}, not {unknown[0]}.",
                code="part_number_invalid",
                field="part_numbers",
            )
        return self._opened(upload, part_numbers)

    def complete(self, owner_id: AccountId, upload_id: UploadId, parts: Sequence[tuple[int, str]]) -> UploadStatus:
        """Says that all bytes were sent. Idempotent. `parts` may be empty: storage knows the ETags too.

        Raises Conflict(`upload_incomplete`, `upload_closed`, `upload_expired`), InvalidInput(`parts_mismatch`).
        """
        upload = self._own(owner_id, upload_id)
        if upload.state is not UploadState.COMPLETED:
            _must_be_open(upload)
            if upload.strategy is Strategy.MULTIPART:
                self._join(upload, parts)
            self._must_be_stored(upload)
            upload = self.uploads.set_state(upload.id, UploadState.COMPLETED)
        # Also when it was completed before: the request that did may have died before this step.
        change_track(upload.track_id, arrived, tracks=self.tracks, clock=self.clock)
        return self._status_of(upload)

    def abort(self, owner_id: AccountId, upload_id: UploadId) -> None:
        """Closes the door and deletes the draft. Idempotent. Raises Conflict(`upload_closed`) once it is completed.

        Bytes that arrived before are removed with the track; those that come later find it deleted.
        """
        upload = self.uploads.set_state(self._own(owner_id, upload_id).id, UploadState.ABORTED)
        if upload.multipart_id is not None:
            self.door.abort_multipart(upload.key, upload.multipart_id)
        change_track(upload.track_id, given_up, tracks=self.tracks, clock=self.clock)

    def _own(self, owner_id: AccountId, upload_id: UploadId) -> Upload:
        upload = self.uploads.get(upload_id)
        if upload.owner_id != owner_id:
            raise NotFound("There is no such upload.", code="upload_not_found")
        return self._seen(upload)

    def _seen(self, upload: Upload) -> Upload:
        """The upload as its owner sees it: past its time it is expired, even before the sweep wrote that down."""
        late = upload.state is UploadState.OPEN and upload.expires_at <= self.clock.now()
        return replace(upload, state=UploadState.EXPIRED) if late else upload

    def _opened(self, upload: Upload, part_numbers: Sequence[int] | None) -> OpenDoor:
        """`upload` with fresh URLs for these parts, by default for all."""
        if upload.state is not UploadState.OPEN:
            return OpenDoor(upload=upload)
        life = min(UPLOAD_URL_EXPIRES_S, upload.expires_at - self.clock.now())
        expire_at = EpochSeconds(self.clock.now() + life)
        if upload.strategy is Strategy.PUT:
            put = self.door.sign_put(
                upload.key,
                size_bytes=upload.size_bytes,
                content_type=upload.content_type,
                sha256=upload.sha256,
                expires_s=life,
            )
            return OpenDoor(upload=upload, put=put, urls_expire_at=expire_at)
        upload, multipart_id = self._with_multipart(upload)
        parts = tuple(
            SignedPart(
                plan=plan,
                request=self.door.sign_part(
                    upload.key, multipart_id, plan.part_number, size_bytes=plan.size_bytes, expires_s=life
                ),
            )
            for plan in plan_parts(upload.size_bytes)
            if part_numbers is None or plan.part_number in part_numbers
        )
        return OpenDoor(upload=upload, parts=parts, urls_expire_at=expire_at)

    def _with_multipart(self, upload: Upload) -> tuple[Upload, str]:
        """The upload with storage's multipart id, started by us if nobody did."""
        if upload.multipart_id is not None:
            return upload, upload.multipart_id
        mine = self.door.start_multipart(upload.key, content_type=upload.content_type)
        winner = self.uploads.set_multipart(upload.id, mine)
        if winner.multipart_id != mine:
            self.door.abort_multipart(upload.key, mine)
        return winner, winner.multipart_id or mine

    def _status_of(self, upload: Upload) -> UploadStatus:
        stored: tuple[StoredPart, ...] = ()
        missing: tuple[PartPlan, ...] = ()
        if upload.state is UploadState.OPEN and upload.strategy is Strategy.MULTIPART:
            stored, missing = self._parts_of(upload)
        return UploadStatus(upload=upload, track=self.tracks.get(upload.track_id), stored=stored, missing=missing)

    def _parts_of(self, upload: Upload) -> tuple[tuple[StoredPart, ...], tuple[PartPlan, ...]]:
        """What storage has of the plan, and what it lacks; a part of the wrong size counts as missing."""
        there = self.door.list_parts(upload.key, upload.multipart_id) if upload.multipart_id is not None else []
        by_number = {part.part_number: part for part in there}
        plans = plan_parts(upload.size_bytes)
        stored = tuple(
            part
            for plan in plans
            if (part := by_number.get(plan.part_number)) is not None and part.size_bytes == plan.size_bytes
        )
        numbers = {part.part_number for part in stored}
        return stored, tuple(plan for plan in plans if plan.part_number not in numbers)

    def _join(self, upload: Upload, parts: Sequence[tuple[int, str]]) -> None:
        """Has storage join the parts. With none listed it may be joined already, which `_must_be_stored` finds out."""
        stored, missing = self._parts_of(upload)
        if upload.multipart_id is None or (not stored and not self._is_stored(upload)):
            raise _incomplete("No part of the file has arrived yet.")
        if not stored:
            return
        if missing:
            numbers = ", ".join(str(plan.part_number) for plan in missing[:10])
            raise _incomplete(f"{len(missing)} of {len(stored) + len(missing)} parts are missing: {numbers}.")
        there = [(part.part_number, part.etag) for part in stored]
        if parts and {n: bare(etag) for n, etag in parts} != {n: bare(etag) for n, etag in there}:
            raise InvalidInput("The parts in storage are not the ones listed.", code="parts_mismatch", field="parts")
        self.door.complete_multipart(upload.key, upload.multipart_id, there)

    def _is_stored(self, upload: Upload) -> bool:
        """Whether the object is there, by listing, which takes no right to read what was uploaded.

        Its size needs no look: it is part of what was signed.
        """
        return upload.key in self.objects.list_keys(self.uploads_bucket, upload.key)

    def _must_be_stored(self, upload: Upload) -> None:
        """Not asked of a track that moved on by itself: the scan may have carried the object away already."""
        if not self._is_stored(upload) and self.tracks.get(upload.track_id).state is TrackState.DRAFT:
            raise _incomplete("The file has not arrived in storage yet.")


def arrived(track: Track, now: EpochSeconds) -> Change | None:
    """draft → uploaded, unless the storage event was faster."""
    if track.state is not TrackState.DRAFT or track.deleted_at is not None:
        return None
    return Change(track=track.moved(TrackState.UPLOADED, now))


def given_up(track: Track, now: EpochSeconds) -> Change | None:
    if track.deleted_at is not None:
        return None
    return Change(track=track.deleted(now), events=[TrackDeleted(track_id=track.id, owner_id=track.owner_id)])


def bare(etag: str) -> str:
    """An ETag without the quotes of its header (RFC 9110 §8.8.3), which some clients keep and some strip."""
    return etag.strip('"')


def _must_be_open(upload: Upload) -> None:
    if upload.state is UploadState.EXPIRED:
        raise Conflict("The upload has expired. Please start it again.", code="upload_expired")
    if upload.state is not UploadState.OPEN:
        raise Conflict("The upload is closed.", code="upload_closed")


def _incomplete(detail: str) -> Conflict:
    return Conflict(detail, code="upload_incomplete")
