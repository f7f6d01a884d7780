"""The use case: an attachment arrived → it is handed on as it came, or refused, or locked away.

Only an explicit CLEAN of this very version lets bytes through. Every step may be repeated: copies go to keys that are
the same on every run, and bytes are deleted only after the attachment was saved.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.domain.attachments import Attachment, AttachmentId, AttachmentState, parse_attachment_key
from core.domain.errors import Conflict, NotFound, ObjectGone
from core.domain.verdicts import Verdict
from scan.decision import Promotion, Refusal
from scan.sniff.attachment import sniff_attachment

if TYPE_CHECKING:
    from core.ports.clock import Clock
    from core.ports.storage import ObjectStore
    from core.store.attachments import AttachmentRepository
    from scan.examination import Examiner


class AttachmentOutcome(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    GONE = "gone"
    """The object no longer exists; what was announced can be sent again until it expires."""
    DISCARDED = "discarded"
    """Nobody announced it, or it was dropped."""
    DUPLICATE = "duplicate"
    """It was decided on before, or by another worker at the same time."""
    SUPERSEDED = "superseded"
    """Another version of the object is newer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentScan:
    attachments: AttachmentRepository
    store: ObjectStore
    examiner: Examiner
    clock: Clock
    uploads_bucket: str
    attachments_bucket: str
    quarantine_bucket: str

    def scan_object(self, bucket: str, key: str, version_id: str | None) -> AttachmentOutcome:
        """Handles one arrival; None as version means the newest. Raises Unavailable: bring it again later."""
        attachment_id = parse_attachment_key(key)
        if attachment_id is None or bucket != self.uploads_bucket:
            return AttachmentOutcome.DISCARDED
        attachment = self._find(attachment_id)
        if attachment is None or attachment.incoming_key != key or attachment.state is AttachmentState.DROPPED:
            self._remove(key, version_id)
            return AttachmentOutcome.DISCARDED
        if attachment.state is not AttachmentState.ANNOUNCED:
            self._remove(key, version_id)
            return AttachmentOutcome.DUPLICATE
        try:
            return self._scan(attachment, version_id)
        except ObjectGone:
            return AttachmentOutcome.GONE

    def _find(self, attachment_id: AttachmentId) -> Attachment | None:
        try:
            return self.attachments.get(attachment_id)
        except NotFound:
            return None

    def _scan(self, attachment: Attachment, version_id: str | None) -> AttachmentOutcome:
        info = self.store.head(self.uploads_bucket, attachment.incoming_key)
        if version_id not in {None, info.object.version_id}:
            return AttachmentOutcome.SUPERSEDED
        decision = self.examiner.examine(info, attachment, sniff_attachment)
        try:
            if isinstance(decision, Promotion):
                self._accept(attachment, decision)
                outcome = AttachmentOutcome.ACCEPTED
            else:
                self._refuse(attachment, decision)
                outcome = AttachmentOutcome.REFUSED
        except Conflict:
            # Dropped meanwhile; or another worker came to a decision, if not we ourselves, and never heard of it.
            newest = self._find(attachment.id)
            if newest is None or newest.state is not AttachmentState.ANNOUNCED:
                self.store.delete(info.object)
            return AttachmentOutcome.DUPLICATE
        self.store.delete(info.object)
        return outcome

    def _accept(self, attachment: Attachment, promotion: Promotion[None]) -> None:
        stored = self.store.copy(promotion.verdict.object, self.attachments_bucket, attachment.key)
        try:
            self.attachments.save(attachment.accepted(promotion.verdict, stored))
        except Conflict:
            newest = self._find(attachment.id)
            if newest is None or newest.stored != stored:
                self.store.delete(stored)
            raise

    def _refuse(self, attachment: Attachment, refusal: Refusal) -> None:
        verdict = refusal.verdict
        if verdict.verdict is Verdict.INFECTED:
            self.store.copy(verdict.object, self.quarantine_bucket, attachment.quarantine_key)
        self.attachments.save(attachment.refused(verdict, refusal.reason, self.clock.now()))

    def _remove(self, key: str, version_id: str | None) -> None:
        """A worker died between deciding and deleting; or somebody sent once more to an address whose place is free
        again."""
        with suppress(ObjectGone):
            self.store.delete(self.store.head(self.uploads_bucket, key, version_id).object)
