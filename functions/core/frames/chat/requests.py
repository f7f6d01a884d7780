"""What clients of the chat socket ask."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from core.domain.attachments import ATTACHMENTS_MAX
from core.domain.chat_messages import MENTIONS_MAX
from core.domain.presence import Status
from core.frames.chat.nouns import HEADS_MAX, SIGNAL_MAX, WATCHED_MAX, ClientId, Head, Id, Place, Text
from core.frames.envelope import Data


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
