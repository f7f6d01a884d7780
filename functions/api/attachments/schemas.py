"""Wire shapes of attachments."""

from typing import Self

from pydantic import Field

from api.attachments.service import AnnouncedAttachment, SeenAttachment
from api.tracks.schemas import TrackReason
from api.uploads.schemas import Put
from api.wire import Id, Sha256, Timestamp, Wire
from core.domain.attachments import AttachmentState


class AttachmentOrder(Wire):
    filename: str = Field(max_length=1024, examples=["cover.png"])
    size_bytes: int = Field(strict=True, examples=[184320])
    sha256: Sha256 | None = None


class AttachmentOut(Wire):
    id: Id
    conversation_id: Id
    filename: str
    size_bytes: int
    content_type: str
    state: AttachmentState = Field(description="Once it is `clean`, it can be said in a message.")
    reason: TrackReason | None = Field(description="Why it was refused.")
    message_seq: int | None = Field(description="The message that it is in.")
    expires_at: Timestamp | None = Field(description="If it is in no message by then, it is dropped.")
    url: str | None = Field(description="Where the file is, for whoever has this address.")
    url_expires_at: Timestamp | None = Field(description="Then ask again.")

    @classmethod
    def of(cls, seen: SeenAttachment) -> Self:
        attachment = seen.attachment
        return cls(
            id=attachment.id,
            conversation_id=attachment.conversation_id,
            filename=attachment.filename,
            size_bytes=attachment.size_bytes,
            content_type=attachment.content_type,
            state=attachment.state,
            reason=TrackReason.of(attachment.reason),
            message_seq=attachment.message,
            expires_at=attachment.expires_at if attachment.message is None else None,
            url=seen.url,
            url_expires_at=seen.url_expires_at,
        )


class OpenAttachment(Wire):
    """Send the file with `put`, then ask for the attachment until it is no longer `announced`."""

    attachment: AttachmentOut
    put: Put
    put_expires_at: Timestamp

    @classmethod
    def of(cls, announced: AnnouncedAttachment) -> Self:
        return cls(
            attachment=AttachmentOut.of(SeenAttachment(attachment=announced.attachment)),
            put=Put.of(announced.put),
            put_expires_at=announced.put_expires_at,
        )
