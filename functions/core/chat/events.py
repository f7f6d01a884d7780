"""A change of a conversation as its members are told."""

from collections.abc import Mapping
from typing import Any

from core.domain.chat_messages import ChatMessage
from core.domain.updates import Update, UpdateKind
from core.frames import chat
from core.frames.envelope import Data


def event_of(update: Update, message: ChatMessage | None) -> Data:
    """`message` is the one that the update is about, as it is now, if it is about one."""
    conversation_id, facts = update.conversation_id, update.facts
    if message is not None and update.kind in {UpdateKind.MESSAGE_SENT, UpdateKind.MESSAGE_EDITED}:
        kind = chat.MessageSent if update.kind is UpdateKind.MESSAGE_SENT else chat.MessageEdited
        return kind(conversation_id=conversation_id, message=chat.Message.of(message))
    kinds: Mapping[UpdateKind, type[Data]] = {
        UpdateKind.MESSAGE_DELETED: chat.MessageDeleted,
        UpdateKind.REACTION_CHANGED: chat.ReactionChanged,
        UpdateKind.PIN_CHANGED: chat.PinChanged,
        UpdateKind.MEMBER_CHANGED: chat.MemberChanged,
        UpdateKind.CONVERSATION_CHANGED: chat.ConversationChanged,
    }
    about: dict[str, Any] = {"conversation_id": conversation_id, "by": update.by, **facts}
    if update.message is not None:
        about["message_seq"] = update.message
    if update.account_id is not None:
        about["account_id"] = update.account_id
    return kinds[update.kind](**about)
