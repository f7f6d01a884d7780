"""HTTP of attachments: announced here, said by the socket."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.access import Caller, Needs
from api.attachments.schemas import AttachmentOrder, AttachmentOut, OpenAttachment
from api.attachments.service import AttachmentService
from api.dependencies import provided
from api.wire import API_PREFIX
from core.domain.attachments import AttachmentId
from core.domain.conversations import ConversationId
from core.domain.ids import ID_PATTERN
from core.domain.permissions import Permission

attachments = APIRouter(prefix=f"{API_PREFIX}/conversations/{{conversation_id}}/attachments", tags=["attachments"])
routers = (attachments,)

Talker = Annotated[Caller, Depends(Needs(Permission.CHAT))]
Service = Annotated[AttachmentService, Depends(provided(AttachmentService))]
ConversationPath = Annotated[ConversationId, Path(pattern=ID_PATTERN)]
AttachmentPath = Annotated[AttachmentId, Path(pattern=ID_PATTERN)]


@attachments.post("", status_code=201, operation_id="announce_attachment")
def announce(
    conversation_id: ConversationPath, body: AttachmentOrder, caller: Talker, service: Service
) -> OpenAttachment:
    """A file for a message in this conversation: a picture, audio, MIDI, a PDF or plain text of at most 16 MiB. It is
    scanned as tracks are, and handed out as it came. Needs a confirmed e-mail address."""
    announced = service.announce(
        caller.account_id,
        conversation_id,
        filename=body.filename,
        size_bytes=body.size_bytes,
        sha256=body.sha256,
    )
    return OpenAttachment.of(announced)


@attachments.get("/{attachment_id}", operation_id="get_attachment")
def get(
    conversation_id: ConversationPath, attachment_id: AttachmentPath, caller: Talker, service: Service
) -> AttachmentOut:
    """How far the scan of your own is; of what is in a message, where the file is."""
    return AttachmentOut.of(service.get(caller.account_id, conversation_id, attachment_id))


@attachments.delete("/{attachment_id}", status_code=204, operation_id="drop_attachment")
def drop(conversation_id: ConversationPath, attachment_id: AttachmentPath, caller: Talker, service: Service) -> None:
    """Your own that is in no message. What is in one goes with it."""
    service.drop(caller.account_id, conversation_id, attachment_id)
