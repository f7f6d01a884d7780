"""Saying something, and what comes of it: edits, deletions, reactions, pins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from core.domain.attachments import Attachment, AttachmentTaken, attachment_not_found, must_be_sayable
from core.domain.chat_messages import PINS_MAX, AlreadySo, ChatMessage, Draft, SentBefore, check_sign, check_text
from core.domain.conversations import Conversation, Kind, Member, Seq, must_moderate, must_see, must_speak
from core.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.domain.rates import MESSAGES_BY_ACCOUNT, SIGNS_BY_ACCOUNT
from core.domain.updates import Update, UpdateKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.chat.taking_back import TakingBack
    from core.chat.telling import Teller
    from core.domain.conversations import ConversationId
    from core.domain.ids import AccountId, TrackId
    from core.limiter import Limiter
    from core.ports.clock import Clock
    from core.store.attachments import AttachmentRepository
    from core.store.chat_log import Change, ChatLog
    from core.store.conversations import ConversationRepository
    from core.store.tracks import TrackRepository
    from core.store.writes import Write


class Sent(NamedTuple):
    message: ChatMessage
    again: bool
    """It was there already, from an earlier try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking:
    """All methods raise NotFound (`conversation_not_found`, `message_not_found`), NotAllowed (`banned`, `not_joined`,
    `muted`) and TooMany, besides what each one says."""

    conversations: ConversationRepository
    log: ChatLog
    attachments: AttachmentRepository
    taking_back: TakingBack
    tracks: TrackRepository
    teller: Teller
    limiter: Limiter
    clock: Clock

    def send(self, account_id: AccountId, conversation_id: ConversationId, draft: Draft) -> Sent:
        """Once, however often the same draft comes. Raises InvalidInput (`text_invalid`, `reply_invalid`),
        NotAllowed(`blocked`), NotFound (`track_not_found`, `attachment_not_found`), Conflict (`attachment_not_ready`,
        `attachment_refused`, `attachment_taken`), TooMany (`rate_limited`, `slow_mode`)."""
        draft = replace(draft, text=check_text(draft.text, beside_files=bool(draft.attachments)))
        conversation, member = self._speaker(account_id, conversation_id)
        before = self._sent_before(conversation_id, account_id, draft)
        if before is not None:
            return before
        self.limiter.count(MESSAGES_BY_ACCOUNT, account_id)
        self._must_fit(conversation, account_id, draft)
        try:
            return self._said(conversation, member, draft)
        except (SentBefore, AttachmentTaken):
            # An earlier try of the same message may have come through since we looked.
            before = self._sent_before(conversation_id, account_id, draft)
            if before is None:
                raise
            return before

    def _sent_before(self, conversation_id: ConversationId, account_id: AccountId, draft: Draft) -> Sent | None:
        place = self.log.sent_before(conversation_id, account_id, draft.client_id)
        return None if place is None else Sent(self.log.message(conversation_id, place), again=True)

    def _said(self, conversation: Conversation, member: Member, draft: Draft) -> Sent:
        account_id, conversation_id = member.account_id, conversation.id
        files = self._files(account_id, conversation_id, draft)
        now, at = self.clock.now(), self.clock.now_ms()
        attached = tuple(it.attached for it in files)
        said: list[ChatMessage] = []

        def compose(seq: Seq) -> Change:
            message = ChatMessage.of(draft, conversation_id, account_id, seq, at, attachments=attached)
            said[:] = [message]
            writes: list[Write] = self.log.addition(message, now)
            if conversation.slow_mode_s and not member.moderates:
                writes.append(self.log.pace(conversation_id, account_id, now, conversation.slow_mode_s))
            writes += [self.attachments.saying(it, seq) for it in files]
            update = Update(
                conversation_id=conversation_id,
                seq=seq,
                kind=UpdateKind.MESSAGE_SENT,
                at=at,
                by=account_id,
                message=seq,
            )
            return update, writes

        update = self.log.append(conversation_id, compose)
        self.teller.happened(conversation, update, said[0])
        return Sent(said[0], again=False)

    def edit(
        self,
        account_id: AccountId,
        conversation_id: ConversationId,
        seq: Seq,
        text: str,
        mentions: tuple[AccountId, ...],
    ) -> Seq:
        """Raises InvalidInput(`text_invalid`), NotAllowed (`blocked`, `not_author`)."""
        conversation, _ = self._speaker(account_id, conversation_id, counts=True)
        self._must_not_be_parted(conversation, account_id)
        at = self.clock.now_ms()

        def decide(message: ChatMessage) -> ChatMessage:
            checked = check_text(text, beside_files=bool(message.attachments))
            return message.edited(account_id, checked, mentions, at)

        return self._change(
            conversation,
            seq,
            UpdateKind.MESSAGE_EDITED,
            decide,
            by=account_id,
        )

    def delete(self, account_id: AccountId, conversation_id: ConversationId, seq: Seq) -> Seq | None:
        """One's own, or as a moderator; also while muted. None if it was deleted before.

        Raises NotAllowed(`moderator_needed`).
        """
        conversation, member = self._viewer(account_id, conversation_id)
        message = self.log.message(conversation_id, seq)
        if message.author_id != account_id:
            must_moderate(conversation, member)
        update = self.taking_back.take_back(conversation_id, seq, by=account_id)
        if update is None:
            return None
        self.teller.happened(conversation, update)
        return update.seq

    def react(
        self, account_id: AccountId, conversation_id: ConversationId, seq: Seq, sign: str, *, given: bool
    ) -> Seq | None:
        """None if it was so already. Raises InvalidInput(`reaction_invalid`), NotAllowed(`blocked`),
        Conflict(`reactions_too_many`)."""
        sign = check_sign(sign)
        conversation, _ = self._speaker(account_id, conversation_id, counts=True)
        self._must_not_be_parted(conversation, account_id)
        try:
            return self._change(
                conversation,
                seq,
                UpdateKind.REACTION_CHANGED,
                lambda message: message.with_reaction(sign, 1 if given else -1),
                by=account_id,
                also=lambda message: [self.log.reaction(message, account_id, sign, given=given)],
                reaction=sign,
                given=given,
            )
        except AlreadySo:
            return None

    def pin(self, account_id: AccountId, conversation_id: ConversationId, seq: Seq, *, pinned: bool) -> Seq | None:
        """None if it was so already. Raises NotAllowed (`blocked`, `moderator_needed`), Conflict(`pins_too_many`)."""
        conversation, member = self._speaker(account_id, conversation_id, counts=True)
        self._must_not_be_parted(conversation, account_id)
        if conversation.kind is not Kind.DIRECT:
            must_moderate(conversation, member)
        message = self.log.message(conversation_id, seq)
        message.must_be_there()
        if message.pinned == pinned:
            return None
        if pinned and len(self.log.pinned(conversation_id)) >= PINS_MAX:
            raise Conflict(f"A conversation has at most {PINS_MAX} pinned messages.", code="pins_too_many")
        return self._change(
            conversation,
            seq,
            UpdateKind.PIN_CHANGED,
            lambda message: message.with_pin(pinned=pinned),
            by=account_id,
            also=lambda message: [self.log.pin(message, pinned=pinned)],
            pinned=pinned,
        )

    def _change(
        self,
        conversation: Conversation,
        seq: Seq,
        kind: UpdateKind,
        decide: Callable[[ChatMessage], ChatMessage],
        *,
        by: AccountId,
        also: Callable[[ChatMessage], list[Write]] = lambda _: [],
        **facts: str | bool,
    ) -> Seq:
        at = self.clock.now_ms()
        changed: list[ChatMessage] = []

        def compose(place: Seq) -> Change:
            message = decide(self.log.message(conversation.id, seq))
            changed[:] = [message]
            update = Update(
                conversation_id=conversation.id,
                seq=place,
                kind=kind,
                at=at,
                by=by,
                message=seq,
                facts=facts,
            )
            return update, [self.log.change(message), *also(message)]

        update = self.log.append(conversation.id, compose)
        self.teller.happened(conversation, update, changed[0])
        return update.seq

    def _viewer(self, account_id: AccountId, conversation_id: ConversationId) -> tuple[Conversation, Member | None]:
        conversation = self.conversations.get(conversation_id)
        member = self.conversations.member(conversation_id, account_id)
        must_see(conversation, member)
        return conversation, member

    def _speaker(
        self, account_id: AccountId, conversation_id: ConversationId, *, counts: bool = False
    ) -> tuple[Conversation, Member]:
        conversation, member = self._viewer(account_id, conversation_id)
        speaker = must_speak(conversation, member, self.clock.now())
        if counts:
            self.limiter.count(SIGNS_BY_ACCOUNT, account_id)
        return conversation, speaker

    def _must_fit(self, conversation: Conversation, account_id: AccountId, draft: Draft) -> None:
        self._must_not_be_parted(conversation, account_id)
        if draft.reply_to is not None:
            self._must_be_a_message(conversation, draft.reply_to)
        if draft.track_id is not None:
            self._must_be_heard(draft.track_id, account_id)

    def _must_not_be_parted(self, conversation: Conversation, account_id: AccountId) -> None:
        if self.conversations.parted(conversation, account_id):
            raise NotAllowed("You can't write to each other.", code="blocked")

    def _must_be_a_message(self, conversation: Conversation, seq: Seq) -> None:
        try:
            self.log.message(conversation.id, seq).must_be_there()
        except NotFound as missing:
            problem = "What you reply to is not there."
            raise InvalidInput(problem, code="reply_invalid", field="reply_to") from missing

    def _files(self, account_id: AccountId, conversation_id: ConversationId, draft: Draft) -> list[Attachment]:
        files = self.attachments.get_all(draft.attachments)
        for file in files:
            if (file.owner_id, file.conversation_id) != (account_id, conversation_id):
                raise attachment_not_found()
            must_be_sayable(file)
        return files

    def _must_be_heard(self, track_id: TrackId, account_id: AccountId) -> None:
        if not self.tracks.get(track_id).readable_by(account_id):
            raise NotFound("There is no such track.", code="track_not_found")
