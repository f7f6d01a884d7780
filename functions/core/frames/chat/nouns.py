"""What the frames of the chat socket are about."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.domain.attachments import Attached
from core.domain.chat_messages import TEXT_MAX, ChatMessage
from core.domain.ids import ID_PATTERN

Id = Annotated[str, Field(pattern=ID_PATTERN)]
Place = Annotated[int, Field(ge=1, le=10**11, strict=True)]
ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
Text = Annotated[str, Field(max_length=TEXT_MAX)]
"""Empty only beside files."""
HEADS_MAX: Final = 20
WATCHED_MAX: Final = 20
SIGNAL_MAX: Final = 20_000
"""Characters of a session description (SDP), which has a few thousand."""


class AttachedFile(BaseModel):
    """A file of a message. `GET /api/v1/conversations/{conversation_id}/attachments/{id}` says where it is."""

    model_config = ConfigDict(frozen=True)
    id: str
    filename: str
    size_bytes: int
    content_type: str

    @classmethod
    def of(cls, attached: Attached) -> "AttachedFile":
        return cls(
            id=attached.id,
            filename=attached.filename,
            size_bytes=attached.size_bytes,
            content_type=attached.content_type,
        )


class Message(BaseModel):
    """A message as it is now; of a deleted one only its place is left."""

    model_config = ConfigDict(frozen=True)
    seq: int
    author_id: str
    client_id: str
    sent_at: int
    text: str
    reply_to: int | None = None
    mentions: list[str] = []
    track_id: str | None = None
    attachments: list[AttachedFile] = []
    edited_at: int | None = None
    deleted_at: int | None = None
    pinned: bool = False
    reactions: dict[str, int] = {}

    @classmethod
    def of(cls, message: ChatMessage) -> "Message":
        return cls(
            seq=message.seq,
            author_id=message.author_id,
            client_id=message.client_id,
            sent_at=message.sent_at,
            text=message.text,
            reply_to=message.reply_to,
            mentions=list(message.mentions),
            track_id=message.track_id,
            attachments=[AttachedFile.of(it) for it in message.attachments],
            edited_at=message.edited_at,
            deleted_at=message.deleted_at,
            pinned=message.pinned,
            reactions=dict(message.reactions),
        )


class Presence(BaseModel):
    model_config = ConfigDict(frozen=True)
    account_id: str
    status: Literal["online", "away", "busy", "offline"]
    track_id: str | None = None


class Head(BaseModel):
    """How far somebody knows a conversation."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    conversation_id: Id
    seq: Annotated[int, Field(ge=0, le=10**11, strict=True)]


class Listeners(BaseModel):
    """How many sockets have a room open."""

    model_config = ConfigDict(frozen=True)
    conversation_id: str
    count: int


class Happened(BaseModel):
    """A change, as it was told when it happened; messages as they are by now."""

    model_config = ConfigDict(frozen=True)
    type: str
    seq: int
    ts: int
    data: dict[str, Any]
