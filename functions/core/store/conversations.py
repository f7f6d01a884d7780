"""Conversations, their members, and who blocks whom."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeVar

from pynamodb.expressions.condition import Condition

from core.domain.conversations import Conversation, ConversationId, Kind, Member, MemberState, not_found
from core.domain.errors import Conflict
from core.domain.ids import AccountId
from core.store.chat_rows import (
    BLOCK_PREFIX,
    CONVERSATION_SK,
    MEMBER_PREFIX,
    MEMBERSHIP_PREFIX,
    ROOMS_PK,
    BlockRow,
    ConversationRow,
    MemberRow,
    PointerRow,
    account_pk,
    block_sk,
    conversation_pk,
    member_sk,
    membership_sk,
    pair_pk,
)
from core.store.faults import translated
from core.store.page import Page, cursor_after, id_of_cursor
from core.store.rows import bound
from core.store.writes import Delete, Put, Stale, Write, write_all

IdT = TypeVar("IdT", bound=str)
_PAIR_SK: Final = "pair"
_LISTED: Final = frozenset({MemberState.INVITED, MemberState.JOINED})


class ConversationRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, chat_table: str) -> None:
        self._conversations = bound(ConversationRow, chat_table)
        self._members = bound(MemberRow, chat_table)
        self._pointers = bound(PointerRow, chat_table)
        self._blocks = bound(BlockRow, chat_table)

    def create(self, conversation: Conversation, members: Sequence[Member]) -> Conversation:
        """Writes it with its first members; the earlier one if two people had one already."""
        writes: list[Write] = [
            Put(row=self._conversations.of(conversation)),
            *(write for member in members for write in self.member_writes(member, new=True)),
        ]
        taken = Conflict("These two have a conversation.")
        if conversation.kind is Kind.DIRECT:
            pair = self._pair(members[0].account_id, members[1].account_id, conversation.id)
            writes.append(Put(row=pair, only_if=self._pointers.pk.does_not_exist(), or_else=taken))
        if conversation.kind is Kind.ROOM:
            row = self._pointers(pk=ROOMS_PK, sk=membership_sk(conversation.id), conversation_id=conversation.id)
            writes.append(Put(row=row))
        try:
            write_all(writes)
        except Conflict as conflict:
            if conflict is not taken:
                raise
            return self.between(members[0].account_id, members[1].account_id) or conversation
        return conversation

    def _pair(self, one: AccountId, other: AccountId, conversation_id: ConversationId) -> PointerRow:
        return self._pointers(pk=pair_pk(one, other), sk=_PAIR_SK, conversation_id=conversation_id)

    def between(self, one: AccountId, other: AccountId) -> Conversation | None:
        pair = self._pointers.find(pair_pk(one, other), _PAIR_SK)
        return None if pair is None else self.get(ConversationId(pair.conversation_id))

    def get(self, conversation_id: ConversationId) -> Conversation:
        """Raises NotFound(`conversation_not_found`)."""
        row = self._conversations.find(conversation_pk(conversation_id), CONVERSATION_SK)
        if row is None:
            raise not_found()
        return row.noun()

    def member(self, conversation_id: ConversationId, account_id: AccountId) -> Member | None:
        row = self._members.find(conversation_pk(conversation_id), member_sk(account_id))
        return None if row is None else row.noun()

    def change(self, conversation: Conversation) -> Put:
        """To be written together with the update that tells of it; the row gets the next revision."""
        saved = replace(conversation, revision=conversation.revision + 1)
        return Put(
            row=self._conversations.of(saved),
            only_if=self._conversations.revision == conversation.revision,
            or_else=_stale(),
        )

    def member_writes(self, member: Member, *, new: bool = False) -> list[Write]:
        """The member as they are from now on, and whether the conversation is among theirs."""
        rows = self._members
        change = Put(
            row=rows.of(replace(member, revision=member.revision + 1)),
            only_if=rows.pk.does_not_exist() if new else rows.revision == member.revision,
            or_else=_stale_member(),
        )
        pointer = self._pointers(
            pk=account_pk(member.account_id),
            sk=membership_sk(member.conversation_id),
            conversation_id=member.conversation_id,
        )
        return [change, Put(row=pointer) if member.state in _LISTED else Delete(row=pointer)]

    def save_receipts(self, member: Member) -> None:
        """Raises Conflict(`stale_member`) if the member changed meanwhile."""
        rows = self._members
        saved = rows.of(replace(member, revision=member.revision + 1))
        write_all([Put(row=saved, only_if=rows.revision == member.revision, or_else=_stale_member())])

    def members(self, conversation_id: ConversationId, *, limit: int, cursor: str | None) -> Page[Member]:
        """All that ever were, by account. Raises InvalidInput(`cursor_invalid`)."""
        rows = self._members
        condition: Condition = rows.sk.startswith(MEMBER_PREFIX)
        if cursor is not None:
            after = member_sk(AccountId(id_of_cursor(cursor)))
            condition = rows.sk.between(after + "\x00", MEMBER_PREFIX + "\x7f")
        with translated():
            found = [row.noun() for row in rows.query(conversation_pk(conversation_id), condition, limit=limit + 1)]
        more = len(found) > limit
        return Page(items=found[:limit], next_cursor=cursor_after(found[limit - 1].account_id) if more else None)

    def joined(self, conversation_id: ConversationId) -> list[AccountId]:
        """Everybody in a direct conversation or a group, which are small. Eventually consistent."""
        rows = self._members
        with translated():
            found = rows.query(conversation_pk(conversation_id), rows.sk.startswith(MEMBER_PREFIX))
            return [AccountId(row.account_id) for row in found if row.state is MemberState.JOINED]

    def places_taken(self, conversation_id: ConversationId) -> int:
        """How many are in it or invited."""
        rows = self._members
        with translated():
            found = rows.query(
                conversation_pk(conversation_id), rows.sk.startswith(MEMBER_PREFIX), consistent_read=True
            )
            return sum(row.state in _LISTED for row in found)

    def of_account(self, account_id: AccountId, *, limit: int, cursor: str | None) -> Page[ConversationId]:
        """Those somebody is in or invited to, the newest first. Raises InvalidInput(`cursor_invalid`)."""
        return self._pointed_at(account_pk(account_id), limit=limit, cursor=cursor)

    def rooms(self, *, limit: int, cursor: str | None) -> Page[ConversationId]:
        """Public rooms, the newest first. Raises InvalidInput(`cursor_invalid`)."""
        return self._pointed_at(ROOMS_PK, limit=limit, cursor=cursor)

    def _pointed_at(self, pk: str, *, limit: int, cursor: str | None) -> Page[ConversationId]:
        rows = self._pointers
        condition: Condition = rows.sk.startswith(MEMBERSHIP_PREFIX)
        last = None
        if cursor is not None:
            last = membership_sk(ConversationId(id_of_cursor(cursor)))
            condition = rows.sk.between(MEMBERSHIP_PREFIX, last)
        with translated():
            query = rows.query(pk, condition, scan_index_forward=False, limit=limit + 2, consistent_read=True)
            found = [ConversationId(row.conversation_id) for row in query if row.sk != last]
        return _page(found, limit)

    # -- blocks

    def block(self, account_id: AccountId, other: AccountId) -> None:
        write_all([Put(row=self._block(account_id, other))])

    def unblock(self, account_id: AccountId, other: AccountId) -> None:
        write_all([Delete(row=self._block(account_id, other))])

    def _block(self, account_id: AccountId, other: AccountId) -> BlockRow:
        return self._blocks(pk=account_pk(account_id), sk=block_sk(other), account_id=other)

    def blocked_by(self, account_id: AccountId, *, limit: int, cursor: str | None) -> Page[AccountId]:
        """Whom `account_id` blocks. Raises InvalidInput(`cursor_invalid`)."""
        rows = self._blocks
        condition: Condition = rows.sk.startswith(BLOCK_PREFIX)
        if cursor is not None:
            after = block_sk(AccountId(id_of_cursor(cursor)))
            condition = rows.sk.between(after + "\x00", BLOCK_PREFIX + "\x7f")
        with translated():
            query = rows.query(account_pk(account_id), condition, limit=limit + 1, consistent_read=True)
            found = [AccountId(row.account_id) for row in query]
        return _page(found, limit)

    def parted(self, conversation: Conversation, account_id: AccountId) -> bool:
        """Whether it is a direct conversation with somebody who blocks them, or whom they block."""
        if conversation.kind is not Kind.DIRECT:
            return False
        others = (it for it in self.joined(conversation.id) if it != account_id)
        return any(self.at_odds(account_id, other) for other in others)

    def at_odds(self, one: AccountId, other: AccountId) -> bool:
        """Whether one of them blocks the other."""
        keys = [(account_pk(one), block_sk(other)), (account_pk(other), block_sk(one))]
        with translated():
            return any(True for _ in self._blocks.batch_get(keys, consistent_read=True))


def _page(ids: list[IdT], limit: int) -> Page[IdT]:
    return Page(items=ids[:limit], next_cursor=cursor_after(ids[limit - 1]) if len(ids) > limit else None)


def _stale_member() -> Conflict:
    return Conflict("The member was changed meanwhile. Please look again.", code="stale_member")


def _stale() -> Stale:
    return Stale("The conversation was changed meanwhile.")
