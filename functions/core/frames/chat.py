"""The frames of the chat socket: what clients ask, what they are answered, what they are told."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.domain.attachments import ATTACHMENTS_MAX, Attached
from core.domain.chat_messages import MENTIONS_MAX, TEXT_MAX, ChatMessage
from core.domain.conversations import MemberRole, MemberState
from core.domain.ids import ID_PATTERN
from core.domain.presence import Status
from core.frames.envelope import Closing, Data, Hello, HelloOk

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


# -- what clients ask


class Ping(Data):
    """The heartbeat. With `heads` it also asks whether anything is new there."""

    type: ClassVar[str] = "ping"
    heads: list[Head] = Field(default=[], max_length=HEADS_MAX)


class MessageSend(Data):
    """`client_id` is of the client's making: sent again, it is the same message."""

    type: ClassVar[str] = "message.send"
    conversation_id: Id
    client_id: ClientId
    text: Text = ""
    reply_to: Place | None = None
    mentions: list[Id] = Field(default=[], max_length=MENTIONS_MAX)
    track_id: Id | None = None
    attachments: list[Id] = Field(default=[], max_length=ATTACHMENTS_MAX)


class MessageEdit(Data):
    """One's own."""

    type: ClassVar[str] = "message.edit"
    conversation_id: Id
    seq: Place
    text: Text
    mentions: list[Id] = Field(default=[], max_length=MENTIONS_MAX)


class MessageDelete(Data):
    """One's own, or as a moderator of the conversation."""

    type: ClassVar[str] = "message.delete"
    conversation_id: Id
    seq: Place


class ReactionSet(Data):
    """One sign, given or taken back; each account gives it once."""

    type: ClassVar[str] = "reaction.set"
    conversation_id: Id
    seq: Place
    reaction: str = Field(min_length=1, max_length=16)
    given: bool = Field(strict=True)


class PinSet(Data):
    """In a direct conversation by either, elsewhere by moderators."""

    type: ClassVar[str] = "pin.set"
    conversation_id: Id
    seq: Place
    pinned: bool = Field(strict=True)


class ReceiptSet(Data):
    """How far this client's account has read, or its devices have got, everything."""

    type: ClassVar[str] = "receipt.set"
    conversation_id: Id
    read: Place | None = None
    delivered: Place | None = None


class TypingStart(Data):
    """To be sent again every few seconds, while somebody types."""

    type: ClassVar[str] = "typing.start"
    conversation_id: Id


class PresenceSet(Data):
    """What others see, on all devices. `track_id` is what one hears, if others may see that."""

    type: ClassVar[str] = "presence.set"
    status: Status
    track_id: Id | None = None


class PresenceWatch(Data):
    """Whose presence to tell from now on, besides those watched before."""

    type: ClassVar[str] = "presence.watch"
    account_ids: list[Id] = Field(min_length=1, max_length=WATCHED_MAX)


class RoomOpen(Data):
    """Everything that happens in this public conversation, from now on."""

    type: ClassVar[str] = "room.open"
    conversation_id: Id


class RoomClose(Data):
    """No more of it."""

    type: ClassVar[str] = "room.close"
    conversation_id: Id


class Sync(Data):
    """What happened after `since`."""

    type: ClassVar[str] = "sync"
    conversation_id: Id
    since: Annotated[int, Field(ge=0, le=10**11, strict=True)]


class CallSignal(Data):
    """To the other one of a direct conversation, for WebRTC (RFC 8829); `payload` is a session description or a
    candidate, which the server does not read."""

    type: ClassVar[str] = "call.signal"
    conversation_id: Id
    call_id: ClientId
    step: Literal["offer", "answer", "candidate", "hang_up"]
    payload: str = Field(default="", max_length=SIGNAL_MAX)


# -- what they are answered


class PingOk(Data):
    """`behind`: where more has happened than the client knows, and how far. `listeners` of those heads that are rooms
    this socket has open."""

    type: ClassVar[str] = "ping.ok"
    behind: list[Head]
    listeners: list[Listeners] | None = None


class MessageSendOk(Data):
    """`again`: it was there already, from an earlier try."""

    type: ClassVar[str] = "message.send.ok"
    seq: int
    sent_at: int
    again: bool


class Placed(Data):
    """The place of the change; none if nothing had to change."""

    type: ClassVar[str] = ""
    seq: int | None = None


class MessageEditOk(Placed):
    type: ClassVar[str] = "message.edit.ok"


class MessageDeleteOk(Placed):
    type: ClassVar[str] = "message.delete.ok"


class ReactionSetOk(Placed):
    type: ClassVar[str] = "reaction.set.ok"


class PinSetOk(Placed):
    type: ClassVar[str] = "pin.set.ok"


class ReceiptSetOk(Data):
    type: ClassVar[str] = "receipt.set.ok"


class TypingStartOk(Data):
    type: ClassVar[str] = "typing.start.ok"


class PresenceSetOk(Data):
    type: ClassVar[str] = "presence.set.ok"


class PresenceWatchOk(Data):
    type: ClassVar[str] = "presence.watch.ok"
    presences: list[Presence]


class RoomOpenOk(Data):
    """`seq` is the latest change: what came before is history."""

    type: ClassVar[str] = "room.open.ok"
    seq: int


class RoomCloseOk(Data):
    type: ClassVar[str] = "room.close.ok"


class CallSignalOk(Data):
    """`reached`: how many devices of the other one it was sent to."""

    type: ClassVar[str] = "call.signal.ok"
    reached: int


class Happened(BaseModel):
    """A change, as it was told when it happened; messages as they are by now."""

    model_config = ConfigDict(frozen=True)
    type: str
    seq: int
    ts: int
    data: dict[str, Any]


class SyncOk(Data):
    """In order. `more`: ask again, since the last one's seq."""

    type: ClassVar[str] = "sync.ok"
    conversation_id: str
    updates: list[Happened]
    more: bool


# -- what they are told


class MessageSent(Data):
    type: ClassVar[str] = "message.sent"
    conversation_id: str
    message: Message


class MessageEdited(Data):
    type: ClassVar[str] = "message.edited"
    conversation_id: str
    message: Message


class MessageDeleted(Data):
    type: ClassVar[str] = "message.deleted"
    conversation_id: str
    message_seq: int
    by: str


class ReactionChanged(Data):
    type: ClassVar[str] = "reaction.changed"
    conversation_id: str
    message_seq: int
    reaction: str
    by: str
    given: bool


class PinChanged(Data):
    type: ClassVar[str] = "pin.changed"
    conversation_id: str
    message_seq: int
    by: str
    pinned: bool


class MemberChanged(Data):
    type: ClassVar[str] = "member.changed"
    conversation_id: str
    account_id: str
    by: str
    state: MemberState
    role: MemberRole
    muted_until: int | None = None


class ConversationChanged(Data):
    type: ClassVar[str] = "conversation.changed"
    conversation_id: str
    by: str
    title: str
    slow_mode_s: int


class ReceiptChanged(Data):
    type: ClassVar[str] = "receipt.changed"
    conversation_id: str
    account_id: str
    read: int
    delivered: int


class TypingStarted(Data):
    """Good for a few seconds."""

    type: ClassVar[str] = "typing.started"
    conversation_id: str
    account_id: str


class PresenceChanged(Data):
    type: ClassVar[str] = "presence.changed"
    presence: Presence


class CallSignalled(Data):
    """`account_id` is who sent it."""

    type: ClassVar[str] = "call.signalled"
    conversation_id: str
    account_id: str
    call_id: str
    step: str
    payload: str


ANSWERS: Final[Mapping[type[Data], type[Data]]] = {
    Hello: HelloOk,
    Ping: PingOk,
    MessageSend: MessageSendOk,
    MessageEdit: MessageEditOk,
    MessageDelete: MessageDeleteOk,
    ReactionSet: ReactionSetOk,
    PinSet: PinSetOk,
    ReceiptSet: ReceiptSetOk,
    TypingStart: TypingStartOk,
    PresenceSet: PresenceSetOk,
    PresenceWatch: PresenceWatchOk,
    RoomOpen: RoomOpenOk,
    RoomClose: RoomCloseOk,
    Sync: SyncOk,
    CallSignal: CallSignalOk,
}
"""Every request, and what answers it."""
EVENTS: Final[tuple[type[Data], ...]] = (
    MessageSent,
    MessageEdited,
    MessageDeleted,
    ReactionChanged,
    PinChanged,
    MemberChanged,
    ConversationChanged,
    ReceiptChanged,
    TypingStarted,
    PresenceChanged,
    CallSignalled,
    Closing,
)
