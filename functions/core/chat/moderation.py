"""A say over others, and over the rules of a conversation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.chat.members import Members
from core.chat.telling import room_of
from core.domain.conversations import (
    MUTE_MAX_S,
    SLOW_MODE_MAX_S,
    Conversation,
    ConversationId,
    Member,
    MemberRole,
    MemberState,
    Seq,
    check_conversation_title,
    must_be_named,
    must_moderate,
    must_outrank,
)
from core.domain.errors import InvalidInput, NotAllowed, NotFound
from core.domain.ids import AccountId, EpochSeconds
from core.domain.sockets import Door
from core.domain.updates import Update, UpdateKind

if TYPE_CHECKING:
    from core.ports.clock import Clock
    from core.store.chat_log import Change
    from core.store.conversations import ConversationRepository
    from core.store.sockets import SocketRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Moderation:
    """All methods raise NotFound (`conversation_not_found`, `member_not_found`), NotAllowed (`banned`,
    `moderator_needed`) and Conflict(`direct_conversation`), besides what each one says."""

    conversations: ConversationRepository
    members: Members
    sockets: SocketRepository
    clock: Clock

    def put_out(self, account_id: AccountId, conversation_id: ConversationId, other: AccountId, *, ban: bool) -> None:
        """Raises NotAllowed (`moderator_needed`, `member_out_of_reach`), NotFound(`member_not_found`)."""
        conversation, actor, member = self._over(account_id, conversation_id, other)
        must_outrank(actor, member)
        state = MemberState.BANNED if ban else MemberState.LEFT
        if member.state not in {state, MemberState.BANNED}:
            self.members.become(conversation, member, state, by=account_id)
        if ban:
            self.sockets.shut_out(other, Door.CHAT, room_of(conversation_id))

    def lift_ban(self, account_id: AccountId, conversation_id: ConversationId, other: AccountId) -> None:
        """They may come back, as anybody may."""
        conversation, _, member = self._over(account_id, conversation_id, other)
        if member.state is MemberState.BANNED:
            self.members.become(conversation, member, MemberState.LEFT, by=account_id)

    def mute(self, account_id: AccountId, conversation_id: ConversationId, other: AccountId, seconds: int) -> Member:
        """So long they only read; 0 ends it. Raises InvalidInput(`mute_invalid`), and as `put_out`."""
        if not 0 <= seconds <= MUTE_MAX_S:
            raise InvalidInput("Nobody is muted for longer than 28 days.", code="mute_invalid", field="muted_for_s")
        conversation, actor, member = self._over(account_id, conversation_id, other)
        must_outrank(actor, member)
        until = EpochSeconds(self.clock.now() + seconds) if seconds else None
        return self.members.save(conversation, replace(member, muted_until=until), by=account_id)

    def give_role(
        self, account_id: AccountId, conversation_id: ConversationId, other: AccountId, role: MemberRole
    ) -> Member:
        """By the owner, who may also hand on their own place. Raises NotAllowed(`owner_needed`), NotFound."""
        conversation, actor, member = self._over(account_id, conversation_id, other)
        if actor.role is not MemberRole.OWNER:
            raise NotAllowed("This takes the owner of the conversation.", code="owner_needed")
        if not member.joined:
            raise _no_member()
        if other == account_id or member.role is role:
            return member
        changed = replace(member, role=role)
        if role is not MemberRole.OWNER:
            return self.members.save(conversation, changed, by=account_id)
        # Both in one transaction: nobody ever finds two owners, or none.
        stepped_down = replace(actor, role=MemberRole.MODERATOR)
        writes = [write for it in (changed, stepped_down) for write in self.conversations.member_writes(it)]
        self.members.announce(conversation, changed, by=account_id, writes=writes)
        self.members.announce(conversation, stepped_down, by=account_id)
        return changed

    def change(
        self, account_id: AccountId, conversation_id: ConversationId, *, title: str | None, slow_mode_s: int | None
    ) -> Conversation:
        """Raises NotAllowed(`moderator_needed`), InvalidInput (`title_invalid`, `slow_mode_invalid`)."""
        new_title = None if title is None else check_conversation_title(title)
        if slow_mode_s is not None and not 0 <= slow_mode_s <= SLOW_MODE_MAX_S:
            raise InvalidInput("Nobody waits longer than six hours.", code="slow_mode_invalid", field="slow_mode_s")
        told: list[Conversation] = []

        def compose(seq: Seq) -> Change:
            conversation, actor = self.members.seen_by(account_id, conversation_id)
            must_be_named(conversation)
            must_moderate(conversation, actor)
            slow = conversation.slow_mode_s if slow_mode_s is None else slow_mode_s
            changed = replace(conversation, title=new_title or conversation.title, slow_mode_s=slow)
            told[:] = [changed]
            update = Update(
                conversation_id=conversation_id,
                seq=seq,
                kind=UpdateKind.CONVERSATION_CHANGED,
                at=self.clock.now_ms(),
                by=account_id,
                facts={"title": changed.title, "slow_mode_s": changed.slow_mode_s},
            )
            return update, [self.conversations.change(changed)]

        update = self.members.log.append(conversation_id, compose)
        self.members.teller.happened(told[0], update)
        return told[0]

    def _over(
        self, account_id: AccountId, conversation_id: ConversationId, other: AccountId
    ) -> tuple[Conversation, Member, Member]:
        conversation, actor = self.members.seen_by(account_id, conversation_id)
        must_be_named(conversation)
        moderator = must_moderate(conversation, actor)
        member = self.conversations.member(conversation_id, other)
        if member is None:
            raise _no_member()
        return conversation, moderator, member


def _no_member() -> NotFound:
    return NotFound("There is no such member.", code="member_not_found")
