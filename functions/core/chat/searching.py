"""Finding what was said in a conversation, back from the newest message, so much at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.conversations import Seq, must_see
from core.domain.message_search import LOOKED_AT_MAX, Search
from core.domain.rates import SEARCHES_BY_ACCOUNT
from core.store.page import Page

if TYPE_CHECKING:
    from core.domain.chat_messages import ChatMessage
    from core.domain.conversations import ConversationId
    from core.domain.ids import AccountId
    from core.limiter import Limiter
    from core.store.chat_log import ChatLog
    from core.store.conversations import ConversationRepository

_STEP = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Searching:
    conversations: ConversationRepository
    log: ChatLog
    limiter: Limiter

    def search(
        self, account_id: AccountId, conversation_id: ConversationId, query: str, *, before: Seq | None, limit: int
    ) -> Page[ChatMessage]:
        """The newest first, as they are by now. `next_cursor` is where to go on, also if nothing was found yet.

        Raises InvalidInput(`query_invalid`), NotFound(`conversation_not_found`), NotAllowed(`banned`), TooMany.
        """
        wanted = Search.of(query)
        conversation = self.conversations.get(conversation_id)
        must_see(conversation, self.conversations.member(conversation_id, account_id))
        self.limiter.count(SEARCHES_BY_ACCOUNT, account_id)
        found: list[ChatMessage] = []
        for _ in range(LOOKED_AT_MAX // _STEP):
            page = self.log.history(conversation_id, before=before, limit=_STEP)
            for message in page.items:
                if message.deleted_at is None and wanted.finds(message.text):
                    found.append(message)
                if len(found) == limit:
                    return Page(items=found, next_cursor=str(message.seq))
            if page.next_cursor is None:
                return Page(items=found, next_cursor=None)
            before = Seq(int(page.next_cursor))
        return Page(items=found, next_cursor=None if before is None else str(before))
