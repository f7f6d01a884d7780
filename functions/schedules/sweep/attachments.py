"""What becomes of an attachment whose deadline has passed: it is looked for, dropped, or purged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.attachments import AttachmentState
from core.domain.errors import Conflict, ObjectGone
from core.messages.work import RescanRequest
from schedules.sweep.service import Outcome

if TYPE_CHECKING:
    from core.domain.attachments import Attachment
    from core.ports.clock import Clock
    from core.ports.messaging import Queue
    from core.ports.storage import ObjectStore
    from core.store.attachments import AttachmentRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentSweep:
    attachments: AttachmentRepository
    objects: ObjectStore
    scan_queue: Queue
    clock: Clock
    uploads_bucket: str
    attachments_bucket: str
    quarantine_bucket: str

    def overdue(self, *, limit: int) -> list[Attachment]:
        """Attachments to `settle`, the longest overdue first."""
        return self.attachments.due(self.clock.now(), limit=limit)

    def settle(self, attachment: Attachment) -> Outcome:
        """Takes the next step with one. Raises Unavailable; the next sweep finds it again."""
        now = self.clock.now()
        if attachment.state is AttachmentState.DROPPED:
            return self._purge(attachment)
        try:
            if attachment.state is AttachmentState.ANNOUNCED and now < attachment.expires_at:
                return self._look_for(attachment)
            # Dropped first: whoever says it in this moment finds it changed, and nobody gets an address any more.
            self.attachments.save(attachment.dropped(now))
        except Conflict:
            return Outcome.MOVED_ON
        return Outcome.UPLOAD_EXPIRED

    def _look_for(self, attachment: Attachment) -> Outcome:
        """Its event may be lost, or the scanner was away for longer than the queue has patience."""
        now = self.clock.now()
        try:
            self.objects.head(self.uploads_bucket, attachment.incoming_key)
        except ObjectGone:
            self.attachments.save(attachment.awaited(now))
            return Outcome.WAITING
        self.attachments.save(attachment.asked_for_again(now))
        request = RescanRequest(bucket=self.uploads_bucket, key=attachment.incoming_key)
        self.scan_queue.send(request.model_dump_json())
        return Outcome.REDRIVEN

    def _purge(self, attachment: Attachment) -> Outcome:
        """Objects before the row: what is cut short is found again as long as the row is there."""
        self.objects.delete_prefix(self.uploads_bucket, attachment.incoming_key)
        self.objects.delete_prefix(self.attachments_bucket, attachment.key)
        self.objects.delete_prefix(self.quarantine_bucket, attachment.quarantine_key)
        self.attachments.purge(attachment.id)
        return Outcome.PURGED
