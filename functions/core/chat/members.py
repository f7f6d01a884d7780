"""Members as they come to be written down, and how everybody hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.conversations import (
    GROUP_MEMBERS_MAX,
    Conversation,
    ConversationId,
    Member,
    MemberRole,
    MemberState,
    Seq,
    must_see,
)
from core.domain.errors import Conflict, NotAllowed, NotFound
from core.domain.ids import AccountId, EpochSeconds
from core.domain.updates import Update, UpdateKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.chat.telling import Teller
    from core.ports.clock import Clock
    from core.store.accounts import AccountRepository
    from core.store.chat_log import Change, ChatLog
    from core.store.conversations import ConversationRepository
    from core.store.writes import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Writes down who is in a conversation, and tells."""

    conversations: ConversationRepository
    log: ChatLog
    teller: Teller
    clock: Clock

    def seen_by(self, account_id: AccountId, conversation_id: ConversationId) -> tuple[Conversation, Member | None]:
        """Raises NotFound(`conversation_not_found`), NotAllowed(`banned`)."""
        conversation = self.conversations.get(conversation_id)
        member = self.conversations.member(conversation_id, account_id)
        must_see(conversation, member)
        return conversation, member

    def become(self, conversation: Conversation, member: Member, state: MemberState, *, by: AccountId) -> Member:
        return self.save(conversation, member.becoming(state, self.clock.now()), by=by)

    def save(self, conversation: Conversation, member: Member, *, by: AccountId, new: bool = False) -> Member:
        """Raises Conflict(`stale_member`) if the member changed since they were read."""
        self.announce(conversation, member, by=by, writes=self.conversations.member_writes(member, new=new))
        return member

    def announce(
        self, conversation: Conversation, member: Member, *, by: AccountId, writes: Sequence[Write] = ()
    ) -> None:
        """The change takes its place in the log, together with `writes`, and everybody hears of it."""
        update = self.log.append(conversation.id, self._change_of(member, by, list(writes)))
        self.teller.happened(conversation, update)

    def _change_of(self, member: Member, by: AccountId, writes: Sequence[Write]) -> Callable[[Seq], Change]:
        facts: dict[str, str | int | bool] = {"state": member.state.value, "role": member.role.value}
        if member.muted_until is not None:
            facts["muted_until"] = member.muted_until

        def compose(seq: Seq) -> Change:
            update = Update(
                conversation_id=member.conversation_id,
                seq=seq,
                kind=UpdateKind.MEMBER_CHANGED,
                at=self.clock.now_ms(),
                by=by,
                account_id=member.account_id,
                facts=facts,
            )
            return update, writes

        return compose


def first_member(
    conversation: Conversation,
    account_id: AccountId,
    now: EpochSeconds,
    *,
    role: MemberRole = MemberRole.MEMBER,
    state: MemberState = MemberState.JOINED,
) -> Member:
    """Somebody who was never in it."""
    return Member(conversation_id=conversation.id, account_id=account_id, role=role, state=state, since=now)


def must_be_welcome(
    account_id: AccountId, other: AccountId, *, accounts: AccountRepository, conversations: ConversationRepository
) -> None:
    """Raises NotFound(`account_not_found`), NotAllowed(`blocked`)."""
    account = accounts.get(other)
    if account.erased_at is not None or account.closing_at is not None:
        raise NotFound("There is no such account.", code="account_not_found")
    if conversations.at_odds(account_id, other):
        raise NotAllowed("You can't write to each other.", code="blocked")


def group_full() -> Conflict:
    return Conflict(f"A group has at most {GROUP_MEMBERS_MAX} members; make a room.", code="group_full")
