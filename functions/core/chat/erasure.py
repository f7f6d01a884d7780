"""Takes out of all conversations what somebody said and was in. Cut short, it begins again, and finds what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.conversations import MemberState
from core.domain.limits import PAGE_MAX
from core.domain.sockets import Door
from core.store.page import every

if TYPE_CHECKING:
    from core.chat.members import Members
    from core.chat.taking_back import TakingBack
    from core.domain.conversations import ConversationId
    from core.domain.ids import AccountId
    from core.store.chat_log import ChatLog
    from core.store.conversations import ConversationRepository
    from core.store.playback_sessions import PlaybackSessionRepository
    from core.store.presences import PresenceRepository
    from core.store.sockets import SocketRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatErasure:
    """Of what others are told, their clients learn by the next heartbeat."""

    conversations: ConversationRepository
    log: ChatLog
    taking_back: TakingBack
    members: Members
    presences: PresenceRepository
    sessions: PlaybackSessionRepository
    sockets: SocketRepository

    def erase(self, account_id: AccountId) -> None:
        """A message keeps its place, without its text and its files. Files that they did not say are gone within a day,
        those that the scan refused within thirty. What is left of them are ids: who reacted, who was there."""
        for door in Door:
            for connection_id in self.sockets.of_account(account_id, door):
                self.sockets.hide(connection_id)
                self.sockets.remove(connection_id)
        self.presences.remove(account_id)
        self.sessions.remove(account_id)
        for conversation_id, seq in self.log.said_by(account_id):
            if self.taking_back.take_back(conversation_id, seq, by=account_id) is None:
                self.log.forget_said(account_id, conversation_id, seq)
        of_account, blocked_by = self.conversations.of_account, self.conversations.blocked_by
        for conversation_id in list(every(lambda cursor: of_account(account_id, limit=PAGE_MAX, cursor=cursor))):
            self._leave(account_id, conversation_id)
        for other in list(every(lambda cursor: blocked_by(account_id, limit=PAGE_MAX, cursor=cursor))):
            self.conversations.unblock(account_id, other)

    def _leave(self, account_id: AccountId, conversation_id: ConversationId) -> None:
        conversation = self.conversations.get(conversation_id)
        member = self.conversations.member(conversation_id, account_id)
        if member is not None and member.state is not MemberState.LEFT:
            self.members.become(conversation, member, MemberState.LEFT, by=account_id)
