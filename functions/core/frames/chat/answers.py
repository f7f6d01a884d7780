"""What clients of the chat socket are answered."""

from typing import ClassVar

from core.frames.chat.nouns import Happened, Head, Listeners, Presence
from core.frames.envelope import Data


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


class SyncOk(Data):
    """In order. `more`: ask again, since the last one's seq."""

    type: ClassVar[str] = "sync.ok"
    conversation_id: str
    updates: list[Happened]
    more: bool
