"""What happens in conversations, in order: an append-only log of changes, and the messages as they are now.

A change takes the place after the last one under the condition that it is free, in one transaction with all that it
changes. So places have no gaps, and whoever knows the changes up to one asks for those after it.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from core.domain.backoff import full_jitter
from core.domain.chat_messages import CLIENT_ID_KEEP_S, AlreadySo, ChatMessage, SentBefore, message_not_found
from core.domain.conversations import ConversationId, Seq
from core.domain.errors import StoreUnavailable, TooMany
from core.domain.ids import AccountId, EpochSeconds
from core.domain.rates import Allowance
from core.domain.updates import Update
from core.store.chat_rows import (
    MESSAGE_PREFIX,
    PIN_PREFIX,
    SAID_PREFIX,
    UPDATE_PREFIX,
    ChatMessageRow,
    MarkRow,
    PaceRow,
    SaidRow,
    SentRow,
    UpdateRow,
    account_pk,
    conversation_pk,
    numbered,
    pace_pk,
    reaction_sk,
    said_sk,
    sent_pk,
)
from core.store.faults import translated
from core.store.page import Page
from core.store.rows import bound
from core.store.writes import Delete, Put, Stale, Write, write_all

_SENT_SK: Final = "sent"
_PACE_SK: Final = "pace"
_TRIES: Final = 12
_BACKOFF_S: Final = 0.01
_REMEMBERED: Final = 1000


Change = tuple[Update, Sequence[Write]]
"""An update, and all that is written with it."""


class ChatLog:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, chat_table: str) -> None:
        self._messages = bound(ChatMessageRow, chat_table)
        self._updates = bound(UpdateRow, chat_table)
        self._sent = bound(SentRow, chat_table)
        self._said = bound(SaidRow, chat_table)
        self._marks = bound(MarkRow, chat_table)
        self._paces = bound(PaceRow, chat_table)
        self._last: dict[ConversationId, Seq] = {}
        """A guess that saves a read: too low is noticed, too high it can't be."""

    def append(self, conversation_id: ConversationId, compose: Callable[[Seq], Change]) -> Update:
        """Writes the change that `compose` makes for a place; composed anew, from what is there by then, each time
        somebody else was faster. Raises what its writes' conditions mean."""
        for attempt in range(_TRIES):
            seq = Seq(self._guess(conversation_id, fresh=attempt > 0) + 1)
            update, writes = compose(seq)
            place = Put(
                row=self._updates.of(update),
                only_if=self._updates.pk.does_not_exist(),
                or_else=Stale("Somebody was faster."),
            )
            try:
                write_all([*writes, place])
            except Stale:
                time.sleep(full_jitter(_BACKOFF_S, attempt))
            else:
                self._remember(conversation_id, seq)
                return update
        raise StoreUnavailable("Too many write in this conversation at the moment.")

    def _guess(self, conversation_id: ConversationId, *, fresh: bool) -> Seq:
        guess = None if fresh else self._last.get(conversation_id)
        return self.last(conversation_id) if guess is None else guess

    def _remember(self, conversation_id: ConversationId, seq: Seq) -> None:
        if len(self._last) >= _REMEMBERED:
            self._last.clear()
        self._last[conversation_id] = seq

    def last(self, conversation_id: ConversationId) -> Seq:
        """The place of the latest change; 0 without any."""
        rows = self._updates
        with translated():
            found = rows.query(
                conversation_pk(conversation_id),
                rows.sk.startswith(UPDATE_PREFIX),
                scan_index_forward=False,
                limit=1,
                consistent_read=True,
            )
            return next((Seq(int(row.seq)) for row in found), Seq(0))

    def since(self, conversation_id: ConversationId, seq: Seq, *, limit: int) -> list[Update]:
        """The changes after `seq`, in order."""
        rows = self._updates
        after = rows.sk.between(numbered(UPDATE_PREFIX, seq + 1), f"{UPDATE_PREFIX}:")
        with translated():
            found = rows.query(conversation_pk(conversation_id), after, limit=limit, consistent_read=True)
            return [row.noun() for row in found]

    # -- messages

    def message(self, conversation_id: ConversationId, seq: Seq) -> ChatMessage:
        """Raises NotFound(`message_not_found`)."""
        row = self._messages.find(conversation_pk(conversation_id), numbered(MESSAGE_PREFIX, seq))
        if row is None:
            raise message_not_found()
        return row.noun()

    def messages(self, conversation_id: ConversationId, places: Sequence[Seq]) -> dict[Seq, ChatMessage]:
        """Those of `places` that are messages."""
        keys = [(conversation_pk(conversation_id), numbered(MESSAGE_PREFIX, seq)) for seq in sorted(set(places))]
        with translated():
            found = [row.noun() for row in self._messages.batch_get(keys, consistent_read=True)] if keys else []
        return {message.seq: message for message in found}

    def history(self, conversation_id: ConversationId, *, before: Seq | None, limit: int) -> Page[ChatMessage]:
        """The newest messages, or those before a place; newest first. `next_cursor` is a place."""
        rows = self._messages
        end = f"{MESSAGE_PREFIX}:" if before is None else numbered(MESSAGE_PREFIX, before - 1)
        with translated():
            query = rows.query(
                conversation_pk(conversation_id),
                rows.sk.between(numbered(MESSAGE_PREFIX, 0), end),
                scan_index_forward=False,
                limit=limit + 1,
            )
            found = [row.noun() for row in query]
        more = len(found) > limit
        return Page(items=found[:limit], next_cursor=str(found[limit - 1].seq) if more else None)

    def addition(self, message: ChatMessage, now: EpochSeconds) -> list[Write]:
        """A new message, the note that its `client_id` was used, and where its author's are found. Else SentBefore."""
        pk = sent_pk(message.conversation_id, message.author_id, message.client_id)
        return [
            Put(row=self._messages.of(message), only_if=self._messages.pk.does_not_exist(), or_else=_stale()),
            Put(
                row=self._sent(pk=pk, sk=_SENT_SK, seq=message.seq, ttl=now + CLIENT_ID_KEEP_S),
                only_if=self._sent.pk.does_not_exist(),
                or_else=SentBefore("This message was sent before."),
            ),
            Put(row=self._said_row(message.author_id, message.conversation_id, message.seq)),
        ]

    def _said_row(self, author_id: AccountId, conversation_id: ConversationId, seq: Seq) -> SaidRow:
        return self._said(
            pk=account_pk(author_id), sk=said_sk(conversation_id, seq), conversation_id=conversation_id, seq=seq
        )

    def unsaid(self, message: ChatMessage) -> Delete:
        """To be written with the deletion of a message."""
        return Delete(row=self._said_row(message.author_id, message.conversation_id, message.seq))

    def forget_said(self, author_id: AccountId, conversation_id: ConversationId, seq: Seq) -> None:
        write_all([Delete(row=self._said_row(author_id, conversation_id, seq))])

    def said_by(self, author_id: AccountId) -> Iterator[tuple[ConversationId, Seq]]:
        """The places of all their messages that are not deleted, conversation by conversation."""
        rows = self._said
        with translated():
            for row in rows.query(account_pk(author_id), rows.sk.startswith(SAID_PREFIX), consistent_read=True):
                yield ConversationId(row.conversation_id), Seq(int(row.seq))

    def sent_before(self, conversation_id: ConversationId, author_id: AccountId, client_id: str) -> Seq | None:
        """The place of the message that this `client_id` was used for."""
        row = self._sent.find(sent_pk(conversation_id, author_id, client_id), _SENT_SK)
        return None if row is None else Seq(int(row.seq))

    def change(self, message: ChatMessage) -> Put:
        saved = self._messages.of(replace(message, revision=message.revision + 1))
        return Put(row=saved, only_if=self._messages.revision == message.revision, or_else=_stale())

    def pace(self, conversation_id: ConversationId, account_id: AccountId, now: EpochSeconds, wait_s: int) -> Put:
        """One message of a member of a slow conversation. Else TooMany(`slow_mode`)."""
        rows = self._paces
        row = rows(pk=pace_pk(conversation_id, account_id), sk=_PACE_SK, until=now + wait_s, ttl=now + wait_s + 3600)
        left = Allowance(limit=1, remaining=0, resets_in_s=wait_s)
        slow = TooMany(f"Here everybody waits {wait_s} s between two messages.", left, code="slow_mode")
        return Put(row=row, only_if=rows.pk.does_not_exist() | (rows.until <= now), or_else=slow)

    def reaction(self, message: ChatMessage, account_id: AccountId, sign: str, *, given: bool) -> Write:
        """Else AlreadySo."""
        rows = self._marks
        pk, sk = conversation_pk(message.conversation_id), reaction_sk(message.seq, account_id, sign)
        if given:
            there = AlreadySo("You have said so.")
            return Put(row=rows(pk=pk, sk=sk), only_if=rows.pk.does_not_exist(), or_else=there)
        missing = AlreadySo("You have not said so.")
        return Delete(row=rows(pk=pk, sk=sk), only_if=rows.pk.exists(), or_else=missing)

    def pin(self, message: ChatMessage, *, pinned: bool) -> Write:
        row = self._marks(pk=conversation_pk(message.conversation_id), sk=numbered(PIN_PREFIX, message.seq))
        return Put(row=row) if pinned else Delete(row=row)

    def pinned(self, conversation_id: ConversationId) -> list[Seq]:
        """The places of pinned messages, in order."""
        rows = self._marks
        with translated():
            found = rows.query(conversation_pk(conversation_id), rows.sk.startswith(PIN_PREFIX), consistent_read=True)
            return [Seq(int(row.sk.removeprefix(PIN_PREFIX))) for row in found]


def _stale() -> Stale:
    return Stale("The message was changed meanwhile.")
