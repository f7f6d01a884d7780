"""All that conversations hold of somebody, for whoever wants a copy of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.conversations import Blocked
from core.domain.errors import NotFound
from core.domain.limits import PAGE_MAX
from core.store.page import every

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.domain.chat_messages import ChatMessage
    from core.domain.conversations import Conversation, Member
    from core.domain.ids import AccountId
    from core.domain.playback_sessions import PlaybackSession
    from core.domain.presence import Chosen
    from core.store.chat_log import ChatLog
    from core.store.conversations import ConversationRepository
    from core.store.playback_sessions import PlaybackSessionRepository
    from core.store.presences import PresenceRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatHoldings:
    """All methods raise StoreUnavailable."""

    conversations: ConversationRepository
    log: ChatLog
    presences: PresenceRepository
    sessions: PlaybackSessionRepository

    def conversations_of(self, account_id: AccountId) -> list[Conversation]:
        """Those they are in, or invited to."""
        return [self.conversations.get(it.conversation_id) for it in self.memberships_of(account_id)]

    def memberships_of(self, account_id: AccountId) -> list[Member]:
        of_account, member = self.conversations.of_account, self.conversations.member
        ids = every(lambda cursor: of_account(account_id, limit=PAGE_MAX, cursor=cursor))
        return [found for it in ids if (found := member(it, account_id)) is not None]

    def messages_of(self, account_id: AccountId) -> Iterator[ChatMessage]:
        """What they wrote and did not take back, also in conversations that they left."""
        for conversation_id, seq in self.log.said_by(account_id):
            try:
                message = self.log.message(conversation_id, seq)
            except NotFound:
                continue
            if message.deleted_at is None:
                yield message

    def blocks_of(self, account_id: AccountId) -> list[Blocked]:
        blocked_by = self.conversations.blocked_by
        others = every(lambda cursor: blocked_by(account_id, limit=PAGE_MAX, cursor=cursor))
        return [Blocked(account_id=it) for it in others]

    def presence_of(self, account_id: AccountId) -> list[Chosen]:
        """One, or none."""
        return list(self.presences.of([account_id]).values())

    def playback_of(self, account_id: AccountId) -> PlaybackSession:
        return self.sessions.get(account_id)
