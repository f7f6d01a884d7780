"""Taking a message back: its place stays, and nothing else of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.chat_messages import AlreadySo
from core.domain.updates import Update, UpdateKind

if TYPE_CHECKING:
    from core.domain.conversations import ConversationId, Seq
    from core.domain.ids import AccountId
    from core.ports.clock import Clock
    from core.store.attachments import AttachmentRepository
    from core.store.chat_log import Change, ChatLog


@dataclass(frozen=True, slots=True, kw_only=True)
class TakingBack:
    log: ChatLog
    attachments: AttachmentRepository
    clock: Clock

    def take_back(self, conversation_id: ConversationId, seq: Seq, *, by: AccountId) -> Update | None:
        """What happened, to be told; None if it was taken back before."""
        now, at = self.clock.now(), self.clock.now_ms()

        def compose(place: Seq) -> Change:
            message = self.log.message(conversation_id, seq)
            if message.deleted_at is not None:
                raise AlreadySo("It is deleted.")
            update = Update(
                conversation_id=conversation_id,
                seq=place,
                kind=UpdateKind.MESSAGE_DELETED,
                at=at,
                by=by,
                message=seq,
            )
            return update, [
                self.log.change(message.deleted(at)),
                self.log.pin(message, pinned=False),
                self.log.unsaid(message),
                *self.attachments.dropping(message.attachments, now),
            ]

        try:
            return self.log.append(conversation_id, compose)
        except AlreadySo:
            return None
