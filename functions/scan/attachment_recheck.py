"""The use case: virus definitions changed → a clean attachment is scanned again, and withdrawn if it is infected.

The retry repairs a crash anywhere: first the copy in quarantine, then the decision, the clean copy last. A refused
attachment that still names a clean copy is one whose removal was cut short.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.attachments import Attachment, AttachmentId, AttachmentState
from core.domain.errors import NotFound, ObjectGone
from core.domain.reasons import ReasonCode
from core.domain.verdicts import Verdict
from scan.recheck import Recheck

if TYPE_CHECKING:
    from core.domain.tracks import StoredObject
    from core.domain.verdicts import ScanVerdict
    from core.ports.clock import Clock
    from core.ports.storage import ObjectStore
    from core.store.attachments import AttachmentRepository
    from scan.examination import Examiner


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRecheck:
    attachments: AttachmentRepository
    store: ObjectStore
    examiner: Examiner
    clock: Clock
    quarantine_bucket: str

    def recheck(self, attachment_id: AttachmentId) -> Recheck:
        """Raises Unavailable, and Conflict(`stale_attachment`) if it was changed meanwhile: bring it again later."""
        try:
            attachment = self.attachments.get(attachment_id)
        except NotFound:
            return Recheck.VOID
        stored = attachment.stored
        if stored is None or attachment.state is AttachmentState.DROPPED:
            return Recheck.VOID
        if attachment.state is AttachmentState.REFUSED:
            self.store.delete(stored)
            return Recheck.FINISHED
        try:
            verdict = self.examiner.verdict_on(stored)
        except ObjectGone:
            return Recheck.VOID
        if verdict.verdict is Verdict.INFECTED:
            self._withdraw(attachment, stored, verdict)
            return Recheck.WITHDRAWN
        return Recheck.CLEAN if verdict.verdict is Verdict.CLEAN else Recheck.UNDECIDED

    def _withdraw(self, attachment: Attachment, stored: StoredObject, verdict: ScanVerdict) -> None:
        """Its message stays, and tells why there is no file."""
        self.store.copy(stored, self.quarantine_bucket, attachment.quarantine_key)
        self.attachments.save(attachment.refused(verdict, ReasonCode.INFECTED, self.clock.now()))
        self.store.delete(stored)
