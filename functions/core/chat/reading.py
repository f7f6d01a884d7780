"""Looking into conversations: history, what happened meanwhile, and how far everybody has read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from core.chat.events import event_of
from core.domain.conversations import Conversation, Member, Seq, must_see
from core.domain.errors import Conflict, NotAllowed
from core.domain.updates import UpdateKind
from core.frames.chat.events import ReceiptChanged

if TYPE_CHECKING:
    from core.chat.telling import Teller
    from core.domain.chat_messages import ChatMessage
    from core.domain.conversations import ConversationId
    from core.domain.ids import AccountId
    from core.domain.updates import Update
    from core.frames.envelope import Data
    from core.store.chat_log import ChatLog
    from core.store.conversations import ConversationRepository
    from core.store.page import Page

BATCH: Final = 100
_TRIES: Final = 5
_OF_MESSAGES: Final = frozenset({UpdateKind.MESSAGE_SENT, UpdateKind.MESSAGE_EDITED})


class Happening(NamedTuple):
    update: Update
    event: Data


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All methods raise NotFound(`conversation_not_found`) and NotAllowed(`banned`), besides what each one says."""

    conversations: ConversationRepository
    log: ChatLog
    teller: Teller

    def history(
        self, account_id: AccountId, conversation_id: ConversationId, *, before: Seq | None, limit: int
    ) -> Page[ChatMessage]:
        """The newest first."""
        self._viewer(account_id, conversation_id)
        return self.log.history(conversation_id, before=before, limit=limit)

    def pinned(self, account_id: AccountId, conversation_id: ConversationId) -> list[ChatMessage]:
        self._viewer(account_id, conversation_id)
        found = self.log.messages(conversation_id, self.log.pinned(conversation_id))
        return [found[seq] for seq in sorted(found)]

    def since(
        self, account_id: AccountId, conversation_id: ConversationId, seq: Seq, *, limit: int = BATCH
    ) -> list[Happening]:
        """What happened after `seq`, in order; messages as they are by now."""
        self._viewer(account_id, conversation_id)
        updates = self.log.since(conversation_id, seq, limit=limit)
        places = [update.message for update in updates if update.kind in _OF_MESSAGES and update.message is not None]
        messages = self.log.messages(conversation_id, places)
        return [Happening(it, event_of(it, messages.get(it.message) if it.message else None)) for it in updates]

    def last(self, account_id: AccountId, conversation_id: ConversationId) -> Seq:
        self._viewer(account_id, conversation_id)
        return self.log.last(conversation_id)

    def receipts(self, account_id: AccountId, conversation_id: ConversationId, *, read: Seq, delivered: Seq) -> Member:
        """How far somebody is; never back, and never beyond what there is. Raises NotAllowed(`not_joined`)."""
        conversation, _ = self._viewer(account_id, conversation_id)
        end = self.log.last(conversation_id)
        for attempt in range(_TRIES):
            member = self.conversations.member(conversation_id, account_id)
            if member is None or not member.joined:
                raise NotAllowed("Join the conversation first.", code="not_joined")
            seen = member.seen(read=min(read, end), delivered=min(delivered, end))
            if seen == member:
                return member
            try:
                self.conversations.save_receipts(seen)
            except Conflict:
                if attempt == _TRIES - 1:
                    raise
            else:
                break
        # In a room nobody wants to know of thousands, and who blocks somebody does not tell them of being there.
        if not (conversation.public or self.conversations.parted(conversation, account_id)):
            receipt = ReceiptChanged(
                conversation_id=conversation_id, account_id=account_id, read=seen.read, delivered=seen.delivered
            )
            self.teller.passing(conversation, receipt)
        return seen

    def must_be_public(self, account_id: AccountId, conversation_id: ConversationId) -> None:
        """Raises Conflict(`not_public`): what is not public comes by itself."""
        conversation, _ = self._viewer(account_id, conversation_id)
        if not conversation.public:
            raise Conflict("You hear of this conversation without opening it.", code="not_public")

    def _viewer(self, account_id: AccountId, conversation_id: ConversationId) -> tuple[Conversation, Member | None]:
        conversation = self.conversations.get(conversation_id)
        member = self.conversations.member(conversation_id, account_id)
        must_see(conversation, member)
        return conversation, member
