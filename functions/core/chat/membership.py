"""Whose conversations there are, and how people come and go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.chat.members import Members, first_member, group_full, must_be_welcome
from core.domain.conversations import (
    GROUP_MEMBERS_MAX,
    Conversation,
    ConversationId,
    Kind,
    Member,
    MemberState,
    must_be_named,
    must_moderate,
    must_see,
    not_found,
)
from core.domain.ids import AccountId

if TYPE_CHECKING:
    from core.ports.clock import Clock
    from core.store.accounts import AccountRepository
    from core.store.conversations import ConversationRepository
    from core.store.page import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """All methods that take a conversation raise NotFound(`conversation_not_found`) and NotAllowed(`banned`)."""

    accounts: AccountRepository
    conversations: ConversationRepository
    members: Members
    clock: Clock

    def get(self, account_id: AccountId, conversation_id: ConversationId) -> tuple[Conversation, Member | None]:
        """Also for who is invited: they may see what to."""
        conversation = self.conversations.get(conversation_id)
        member = self.conversations.member(conversation_id, account_id)
        if member is None or member.state is not MemberState.INVITED:
            must_see(conversation, member)
        return conversation, member

    def own(
        self, account_id: AccountId, *, limit: int, cursor: str | None
    ) -> tuple[list[tuple[Conversation, Member]], str | None]:
        page = self.conversations.of_account(account_id, limit=limit, cursor=cursor)
        found = [(self.conversations.get(it), self.conversations.member(it, account_id)) for it in page.items]
        return [(conversation, member) for conversation, member in found if member is not None], page.next_cursor

    def rooms(self, *, limit: int, cursor: str | None) -> tuple[list[Conversation], str | None]:
        page = self.conversations.rooms(limit=limit, cursor=cursor)
        return [self.conversations.get(it) for it in page.items], page.next_cursor

    def members_of(
        self, account_id: AccountId, conversation_id: ConversationId, *, limit: int, cursor: str | None
    ) -> Page[Member]:
        self.members.seen_by(account_id, conversation_id)
        return self.conversations.members(conversation_id, limit=limit, cursor=cursor)

    def join(self, account_id: AccountId, conversation_id: ConversationId) -> Member:
        """A public one, or one that somebody is invited to. Raises NotFound for any other."""
        conversation = self.conversations.get(conversation_id)
        member = self.conversations.member(conversation_id, account_id)
        if member is not None and member.joined:
            return member
        if member is not None and member.state is MemberState.BANNED:
            must_see(conversation, member)
        invited = member is not None and member.state is MemberState.INVITED
        if not (conversation.public or invited):
            raise not_found()
        if member is None:
            first = first_member(conversation, account_id, self.clock.now())
            return self.members.save(conversation, first, by=account_id, new=True)
        return self.members.become(conversation, member, MemberState.JOINED, by=account_id)

    def leave(self, account_id: AccountId, conversation_id: ConversationId) -> None:
        """Or decline an invitation. An owner who leaves hands on to nobody: moderators stay. Raises Conflict
        (`direct_conversation`): one blocks the other there."""
        conversation, member = self.get(account_id, conversation_id)
        must_be_named(conversation)
        if member is None or member.state is MemberState.LEFT:
            return
        self.members.become(conversation, member, MemberState.LEFT, by=account_id)

    def invite(self, account_id: AccountId, conversation_id: ConversationId, other: AccountId) -> Member:
        """By any member of a group, by moderators of a room. Raises NotFound(`account_not_found`), NotAllowed
        (`blocked`, `moderator_needed`), Conflict (`direct_conversation`, `group_full`)."""
        conversation, actor = self.members.seen_by(account_id, conversation_id)
        must_be_named(conversation)
        if conversation.public:
            must_moderate(conversation, actor)
        must_be_welcome(account_id, other, accounts=self.accounts, conversations=self.conversations)
        member = self.conversations.member(conversation_id, other)
        if member is not None and member.state in {MemberState.JOINED, MemberState.INVITED}:
            return member
        if member is not None and member.state is MemberState.BANNED:
            must_moderate(conversation, actor)
        if conversation.kind is Kind.GROUP:
            self._must_have_room(conversation_id)
        if member is None:
            first = first_member(conversation, other, self.clock.now(), state=MemberState.INVITED)
            return self.members.save(conversation, first, by=account_id, new=True)
        return self.members.become(conversation, member, MemberState.INVITED, by=account_id)

    def _must_have_room(self, conversation_id: ConversationId) -> None:
        if self.conversations.places_taken(conversation_id) >= GROUP_MEMBERS_MAX:
            raise group_full()
