"""Whom somebody does not want to hear from. Who is blocked is not told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.chat.signals import presence_room
from core.domain.errors import InvalidInput
from core.domain.sockets import Door

if TYPE_CHECKING:
    from core.domain.ids import AccountId
    from core.store.conversations import ConversationRepository
    from core.store.page import Page
    from core.store.sockets import SocketRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocking:
    """Neither of the two can write to the other, invite or call them, or see whether they are there."""

    conversations: ConversationRepository
    sockets: SocketRepository

    def block(self, account_id: AccountId, other: AccountId) -> None:
        """Raises InvalidInput(`alone`)."""
        if account_id == other:
            raise InvalidInput("You can't block yourself.", code="alone", field="account_id")
        self.conversations.block(account_id, other)
        self.sockets.shut_out(account_id, Door.CHAT, presence_room(other))
        self.sockets.shut_out(other, Door.CHAT, presence_room(account_id))

    def unblock(self, account_id: AccountId, other: AccountId) -> None:
        self.conversations.unblock(account_id, other)

    def blocked_by(self, account_id: AccountId, *, limit: int, cursor: str | None) -> Page[AccountId]:
        """Raises InvalidInput(`cursor_invalid`)."""
        return self.conversations.blocked_by(account_id, limit=limit, cursor=cursor)
