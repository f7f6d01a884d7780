"""How conversations come about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.chat.members import Members, first_member, group_full, must_be_welcome
from core.domain.conversations import (
    GROUP_MEMBERS_MAX,
    Conversation,
    ConversationId,
    Kind,
    Member,
    MemberRole,
    MemberState,
    check_conversation_title,
)
from core.domain.errors import InvalidInput
from core.domain.ids import AccountId, new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.ports.clock import Clock
    from core.store.accounts import AccountRepository
    from core.store.conversations import ConversationRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    accounts: AccountRepository
    conversations: ConversationRepository
    members: Members
    clock: Clock

    def begin_direct(self, account_id: AccountId, other: AccountId) -> Conversation:
        """The one these two have, new or not. Raises NotFound(`account_not_found`), InvalidInput(`alone`),
        NotAllowed(`blocked`)."""
        if account_id == other:
            raise InvalidInput("A conversation takes somebody else.", code="alone", field="account_ids")
        must_be_welcome(account_id, other, accounts=self.accounts, conversations=self.conversations)
        earlier = self.conversations.between(account_id, other)
        if earlier is not None:
            return earlier
        conversation = self._new(account_id, Kind.DIRECT, "")
        members = [first_member(conversation, it, self.clock.now()) for it in (account_id, other)]
        return self._begun(conversation, members)

    def begin_group(self, account_id: AccountId, title: str, others: Sequence[AccountId]) -> Conversation:
        """With everybody else invited. Raises InvalidInput(`title_invalid`), Conflict(`group_full`), and as
        `begin_direct`."""
        conversation = self._new(account_id, Kind.GROUP, check_conversation_title(title))
        invited = sorted(set(others) - {account_id})
        if len(invited) >= GROUP_MEMBERS_MAX:
            raise group_full()
        for other in invited:
            must_be_welcome(account_id, other, accounts=self.accounts, conversations=self.conversations)
        members = [first_member(conversation, account_id, self.clock.now(), role=MemberRole.OWNER)]
        members += [
            replace(first_member(conversation, it, self.clock.now()), state=MemberState.INVITED) for it in invited
        ]
        return self._begun(conversation, members)

    def begin_public(self, account_id: AccountId, kind: Kind, title: str) -> Conversation:
        """A room, or one beside a stream. Raises InvalidInput(`title_invalid`)."""
        conversation = self._new(account_id, kind, check_conversation_title(title))
        return self._begun(
            conversation, [first_member(conversation, account_id, self.clock.now(), role=MemberRole.OWNER)]
        )

    def _new(self, account_id: AccountId, kind: Kind, title: str) -> Conversation:
        return Conversation(
            id=ConversationId(new_id()),
            kind=kind,
            title=title,
            created_by=account_id,
            created_at=self.clock.now(),
        )

    def _begun(self, conversation: Conversation, members: Sequence[Member]) -> Conversation:
        created = self.conversations.create(conversation, members[:2])
        for member in members[2:]:
            self.members.save(created, member, by=conversation.created_by, new=True)
        if created.id == conversation.id:
            for member in members[:2]:
                self.members.announce(created, member, by=conversation.created_by)
        return created
