"""A change of a conversation as its members are told."""

from collections.abc import Mapping
from typing import Any

from core.domain.chat_messages import ChatMessage
from core.domain.updates import Update, UpdateKind
from core.frames.chat import events, nouns
from core.frames.envelope import Data


def event_of(update: Update, message: ChatMessage | None) -> Data:
    """`message` is the one that the update is about, as it is now, if it is about one."""
    conversation_id, facts = update.conversation_id, update.facts
    if message is not None and update.kind in {UpdateKind.MESSAGE_SENT, UpdateKind.MESSAGE_EDITED}:
        kind = events.MessageSent if update.kind is UpdateKind.MESSAGE_SENT else events.MessageEdited
        return kind(conversation_id=conversation_id, message=nouns.Message.of(message))
    kinds: Mapping[UpdateKind, type[Data]] = {
        UpdateKind.MESSAGE_DELETED: events.MessageDeleted,
        UpdateKind.REACTION_CHANGED: events.ReactionChanged,
        UpdateKind.PIN_CHANGED: events.PinChanged,
        UpdateKind.MEMBER_CHANGED: events.MemberChanged,
        UpdateKind.CONVERSATION_CHANGED: events.ConversationChanged,
    }
    about: dict[str, Any] = {"conversation_id": conversation_id, "by": update.by, **facts}
    if update.message is not None:
        about["message_seq"] = update.message
    if update.account_id is not None:
        about["account_id"] = update.account_id
    return kinds[update.kind](**about)
