"""Changes of a conversation, numbered without a gap: what a client that was away asks for again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.domain.conversations import ConversationId, Seq
from core.domain.ids import AccountId, EpochMs


class UpdateKind(StrEnum):
    MESSAGE_SENT = "message.sent"
    MESSAGE_EDITED = "message.edited"
    MESSAGE_DELETED = "message.deleted"
    REACTION_CHANGED = "reaction.changed"
    PIN_CHANGED = "pin.changed"
    MEMBER_CHANGED = "member.changed"
    CONVERSATION_CHANGED = "conversation.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """`message` is the seq of the message it is about, `account_id` the member; `facts` are the kind's own."""

    conversation_id: ConversationId
    seq: Seq
    kind: UpdateKind
    at: EpochMs
    by: AccountId
    message: Seq | None = None
    account_id: AccountId | None = None
    facts: Mapping[str, str | int | bool] = field(default_factory=dict)
