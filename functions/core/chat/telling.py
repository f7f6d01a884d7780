"""Tells everybody concerned what happened. What can't be told is not lost: it is in the log, and clients ask for it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.chat.events import event_of
from core.domain.errors import Unavailable
from core.domain.ids import AccountId
from core.frames.envelope import Data, frame_of
from core.ports.clock import Clock
from core.ports.realtime import Audience, Publisher

if TYPE_CHECKING:
    from core.domain.chat_messages import ChatMessage
    from core.domain.conversations import Conversation, ConversationId
    from core.domain.updates import Update
    from core.store.conversations import ConversationRepository

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    conversations: ConversationRepository
    publisher: Publisher
    clock: Clock

    def happened(self, conversation: Conversation, update: Update, message: ChatMessage | None = None) -> None:
        """A change that has its place in the log; its subject hears of it even if they are no member any more."""
        concerned = [] if update.account_id is None else [update.account_id]
        frame = frame_of(event_of(update, message), at=update.at, seq=update.seq)
        self._publish(self._audience(conversation, concerned), frame)

    def passing(self, conversation: Conversation, data: Data, *, but: AccountId | None = None) -> None:
        """Something that is true for a moment, and is in no log; `but` hears of it on none of their devices."""
        audience = self._audience(conversation, (), but=but)
        self._publish(audience, frame_of(data, at=self.clock.now_ms()))

    def to_accounts(self, account_ids: Iterable[AccountId], data: Data) -> int:
        """How many devices it was sent to."""
        return self._publish(Audience(accounts=tuple(account_ids)), frame_of(data, at=self.clock.now_ms()))

    def to_room(self, room: str, data: Data) -> int:
        return self._publish(Audience(room=room), frame_of(data, at=self.clock.now_ms()))

    def _audience(
        self, conversation: Conversation, concerned: Iterable[AccountId], *, but: AccountId | None = None
    ) -> Audience:
        if conversation.public:
            return Audience(room=room_of(conversation.id), accounts=tuple(concerned), but=but)
        members = {*self.conversations.joined(conversation.id), *concerned}
        return Audience(accounts=tuple(sorted(member for member in members if member != but)))

    def _publish(self, audience: Audience, frame: str) -> int:
        try:
            return self.publisher.publish(audience, frame)
        except Unavailable:
            _log.exception("publish_failed")
            return 0


def room_of(conversation_id: ConversationId) -> str:
    """What sockets follow, to hear of a public conversation."""
    return f"conversation:{conversation_id}"
