"""A file that somebody attaches to a message: what may be attached, where its bytes lie, and what becomes of it.

It is announced for one conversation, arrives by the door that tracks come in by, is scanned, and then said once, in one
message. What was not said within a day is dropped, and what was said goes with its message.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NewType, Self

from core.domain.conversations import ConversationId, Seq
from core.domain.errors import Conflict, InvalidInput, NotFound
from core.domain.ids import AccountId, Bytes, EpochSeconds
from core.domain.limits import DELETED_KEEP_S, ERASED_TRACK_S, MIB, STAGE_DEADLINE_S
from core.domain.media import CONTENT_TYPES, EXTENSIONS
from core.domain.reasons import ReasonCode
from core.domain.tracks import StoredObject
from core.domain.verdicts import ScanVerdict

AttachmentId = NewType("AttachmentId", str)

ATTACHMENTS_MAX: Final = 10
"""Of one message."""
ATTACHMENT_MAX_BYTES: Final = 16 * MIB
"""What one PUT may bring (UPLOAD_SINGLE_PUT_MAX_BYTES). Longer audio is a track, which a message can share."""
UNSAID_KEEP_S: Final = 24 * 3600

TYPES: Final[Mapping[str, str]] = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "mid": "audio/midi",
    "midi": "audio/midi",
    "txt": "text/plain",
    **{extension: CONTENT_TYPES[min(containers)] for extension, containers in EXTENSIONS.items()},
}
"""File name endings we accept, and what each is handed out as. The scan compares: a mismatch is refused."""


class AttachmentState(StrEnum):
    ANNOUNCED = "announced"
    """Its bytes may come, or are being scanned."""
    CLEAN = "clean"
    REFUSED = "refused"
    DROPPED = "dropped"
    """Nobody can have it any more; its bytes go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """What a message tells of a file."""

    id: AttachmentId
    filename: str
    size_bytes: Bytes
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    id: AttachmentId
    conversation_id: ConversationId
    owner_id: AccountId
    filename: str
    size_bytes: Bytes
    content_type: str
    sha256: str | None
    """Hex; what the client announced, if it did."""
    created_at: EpochSeconds
    expires_at: EpochSeconds
    """By then it has been said, or is dropped."""
    state: AttachmentState = AttachmentState.ANNOUNCED
    reason: ReasonCode | None = None
    verdict: ScanVerdict | None = None
    stored: StoredObject | None = None
    """The clean copy."""
    message: Seq | None = None
    """The message it was said in."""
    deadline: EpochSeconds | None = None
    """When the sweep looks at it; None once it is said."""
    revision: int = 0

    @property
    def incoming_key(self) -> str:
        """Where the bytes arrive in the uploads bucket."""
        return f"{_INCOMING}{self.conversation_id}/{self.id}"

    @property
    def key(self) -> str:
        """Of the clean copy, in the attachments bucket."""
        return attachment_key(self.conversation_id, self.id)

    @property
    def quarantine_key(self) -> str:
        return f"attachments/{self.key}"

    @property
    def attached(self) -> Attached:
        return Attached(id=self.id, filename=self.filename, size_bytes=self.size_bytes, content_type=self.content_type)

    def accepted(self, verdict: ScanVerdict, stored: StoredObject) -> Self:
        return replace(self, state=AttachmentState.CLEAN, verdict=verdict, stored=stored, deadline=self.expires_at)

    def refused(self, verdict: ScanVerdict, reason: ReasonCode, now: EpochSeconds) -> Self:
        """Malware stays in quarantine for as long as that of a deleted track."""
        deadline = EpochSeconds(now + DELETED_KEEP_S)
        return replace(self, state=AttachmentState.REFUSED, verdict=verdict, reason=reason, deadline=deadline)

    def awaited(self, now: EpochSeconds) -> Self:
        """Looked at again after a while: it may come, and its event be lost."""
        deadline = min(now + STAGE_DEADLINE_S["uploaded"], self.expires_at)
        return replace(self, deadline=EpochSeconds(deadline))

    def asked_for_again(self, now: EpochSeconds) -> Self:
        """Ever less often: what no scan can decide on would be asked for all day."""
        age = now - self.created_at
        deadline = min(now + max(STAGE_DEADLINE_S["uploaded"], age), self.expires_at)
        return replace(self, deadline=EpochSeconds(deadline))

    def said(self, seq: Seq) -> Self:
        return replace(self, message=seq, deadline=None)

    def dropped(self, now: EpochSeconds) -> Self:
        """Its bytes go when no worker can be at them any more."""
        return replace(self, state=AttachmentState.DROPPED, deadline=purge_time(now))


def purge_time(dropped_at: EpochSeconds) -> EpochSeconds:
    return EpochSeconds(dropped_at + ERASED_TRACK_S)


_INCOMING: Final = "incoming/attachments/"
_KEY: Final = re.compile(rf"^{_INCOMING}[0-9a-f-]{{36}}/([0-9a-f-]{{36}})$")


def attachment_key(conversation_id: ConversationId, attachment_id: AttachmentId) -> str:
    return f"{conversation_id}/{attachment_id}"


def parse_attachment_key(key: str) -> AttachmentId | None:
    """The id in a key that `Attachment.incoming_key` made; None for any other object."""
    found = _KEY.fullmatch(key)
    return None if found is None else AttachmentId(found[1])


def check_attachment_size(size_bytes: int) -> Bytes:
    """Raises InvalidInput (codes `size_zero`, `size_too_large`)."""
    if size_bytes <= 0:
        raise InvalidInput("The file is empty.", code="size_zero", field="size_bytes")
    if size_bytes > ATTACHMENT_MAX_BYTES:
        raise InvalidInput("An attachment may have at most 16 MiB.", code="size_too_large", field="size_bytes")
    return Bytes(size_bytes)


class AttachmentTaken(Conflict):
    """It was said in a message already: perhaps in an earlier try of this very one."""


def must_be_sayable(attachment: Attachment) -> None:
    """Raises NotFound(`attachment_not_found`), Conflict (`attachment_not_ready`, `attachment_refused`),
    AttachmentTaken(`attachment_taken`)."""
    if attachment.state is AttachmentState.DROPPED:
        raise attachment_not_found()
    if attachment.message is not None:
        raise attachment_taken()
    if attachment.state is AttachmentState.ANNOUNCED:
        raise Conflict("The file is still being scanned. Try again in a moment.", code="attachment_not_ready")
    if attachment.state is AttachmentState.REFUSED:
        raise Conflict("The scan refused this file.", code="attachment_refused")


def attachment_not_found() -> NotFound:
    return NotFound("There is no such attachment.", code="attachment_not_found")


def attachment_taken() -> AttachmentTaken:
    return AttachmentTaken("This file is in a message already.", code="attachment_taken")
