"""What clients of the chat socket are told."""

from typing import ClassVar

from core.domain.conversations import MemberRole, MemberState
from core.frames.chat.nouns import Message, Presence
from core.frames.envelope import Data


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
