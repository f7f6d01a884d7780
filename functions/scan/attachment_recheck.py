"""The use case: virus definitions changed → a clean attachment is scanned again, and withdrawn if it is infected.

The retry repairs a crash anywhere: first the copy in quarantine, then the decision, the clean copy last. A refused
attachment that still names a clean copy is one whose removal was cut short.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.attachments import Attachment, AttachmentId, AttachmentState
from core.domain.errors import Conflict, NotFound, ObjectGone
from core.domain.reasons import ReasonCode
from core.domain.verdicts import Verdict
from scan.recheck import SAVE_TRIES, Recheck

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
        """Raises Unavailable: bring it again later."""
        attachment = self._find(attachment_id)
        if attachment is None:
            return Recheck.VOID
        stored = attachment.stored
        if stored is None or attachment.state is AttachmentState.DROPPED:
            return Recheck.VOID
        if attachment.state is AttachmentState.REFUSED:
            self._remove(stored)
            return Recheck.FINISHED
        try:
            verdict = self.examiner.verdict_on(stored)
        except ObjectGone:
            return Recheck.VOID
        if verdict.verdict is Verdict.INFECTED:
            return self._withdraw(attachment, stored, verdict)
        return Recheck.CLEAN if verdict.verdict is Verdict.CLEAN else Recheck.UNDECIDED

    def _find(self, attachment_id: AttachmentId) -> Attachment | None:
        try:
            return self.attachments.get(attachment_id)
        except NotFound:
            return None

    def _withdraw(self, attachment: Attachment, stored: StoredObject, verdict: ScanVerdict) -> Recheck:
        """Its message stays, and tells why there is no file."""
        self.store.copy(stored, self.quarantine_bucket, attachment.quarantine_key)
        if not self._refuse(attachment.id, verdict):
            return Recheck.VOID
        self._remove(stored)
        return Recheck.WITHDRAWN

    def _refuse(self, attachment_id: AttachmentId, verdict: ScanVerdict) -> bool:
        """False if it is no longer handed out anyway. Said while we scan, it is refused all the same."""
        for _ in range(SAVE_TRIES):
            attachment = self._find(attachment_id)
            if attachment is None or attachment.state is not AttachmentState.CLEAN:
                return False
            try:
                self.attachments.save(attachment.refused(verdict, ReasonCode.INFECTED, self.clock.now()))
            except Conflict:
                continue
            return True
        raise Conflict("The attachment changes too fast to be withdrawn.", code="stale_attachment")

    def _remove(self, stored: StoredObject) -> None:
        """All versions: a worker that was cut short, or came second, left another copy of the same bytes."""
        self.store.delete_prefix(stored.bucket, stored.key)
