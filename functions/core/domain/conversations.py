"""Conversations and their members: who may look in, speak, and have a say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NewType, Self

from core.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.domain.ids import AccountId, EpochSeconds

ConversationId = NewType("ConversationId", str)
Seq = NewType("Seq", int)
"""Place of a change in its conversation: 1, 2, 3 … without a gap."""

TITLE_MAX: Final = 100
GROUP_MEMBERS_MAX: Final = 100
"""Everybody in a group gets every change on every device; what is larger is a room."""
SLOW_MODE_MAX_S: Final = 6 * 3600
MUTE_MAX_S: Final = 28 * 24 * 3600


class Kind(StrEnum):
    DIRECT = "direct"
    """Two people; one conversation per pair."""
    GROUP = "group"
    """By invitation."""
    ROOM = "room"
    """Public: anybody may look in, and join to speak."""
    STREAM = "stream"
    """A room beside something that is listened to; not on the list of rooms."""


PUBLIC: Final = frozenset({Kind.ROOM, Kind.STREAM})


class MemberRole(StrEnum):
    OWNER = "owner"
    MODERATOR = "moderator"
    MEMBER = "member"


RANK: Final[Mapping[MemberRole, int]] = {MemberRole.MEMBER: 0, MemberRole.MODERATOR: 1, MemberRole.OWNER: 2}


class MemberState(StrEnum):
    INVITED = "invited"
    JOINED = "joined"
    LEFT = "left"
    """By themselves, or put out by somebody; may come back as the kind of conversation allows."""
    BANNED = "banned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Whom somebody does not want to hear from."""

    account_id: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """`slow_mode_s` is how long a member waits between two messages; 0 does not slow anybody."""

    id: ConversationId
    kind: Kind
    title: str
    created_by: AccountId
    created_at: EpochSeconds
    slow_mode_s: int = 0
    revision: int = 0

    @property
    def public(self) -> bool:
        return self.kind in PUBLIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """`read` and `delivered` are how far they have read, and how far their devices have got everything."""

    conversation_id: ConversationId
    account_id: AccountId
    role: MemberRole
    state: MemberState
    since: EpochSeconds
    muted_until: EpochSeconds | None = None
    read: Seq = Seq(0)
    delivered: Seq = Seq(0)
    revision: int = 0

    @property
    def joined(self) -> bool:
        return self.state is MemberState.JOINED

    @property
    def moderates(self) -> bool:
        return self.joined and RANK[self.role] > 0

    def outranks(self, other: "Member") -> bool:
        return self.joined and RANK[self.role] > RANK[other.role]

    def becoming(self, state: MemberState, now: EpochSeconds) -> Self:
        """The same person in another state; who goes loses their role."""
        role = self.role if state is self.state else MemberRole.MEMBER
        return replace(self, state=state, role=role, since=now)

    def seen(self, *, read: Seq = Seq(0), delivered: Seq = Seq(0)) -> Self:
        """Receipts only go forward; what was read was delivered."""
        read = max(self.read, read)
        return replace(self, read=read, delivered=max(self.delivered, delivered, read))


def must_see(conversation: Conversation, member: Member | None) -> None:
    """Raises NotFound(`conversation_not_found`), as if it did not exist, or NotAllowed(`banned`)."""
    if member is not None and member.state is MemberState.BANNED:
        raise NotAllowed("You are banned from this conversation.", code="banned")
    if not conversation.public and (member is None or not member.joined):
        raise not_found()


def must_speak(conversation: Conversation, member: Member | None, now: EpochSeconds) -> Member:
    """The member, if they may write now. Raises as `must_see`, NotAllowed(`not_joined`, `muted`)."""
    must_see(conversation, member)
    if member is None or not member.joined:
        raise NotAllowed("Join the conversation first.", code="not_joined")
    if member.muted_until is not None and member.muted_until > now:
        raise NotAllowed("You are muted in this conversation for a while.", code="muted")
    return member


def must_moderate(conversation: Conversation, member: Member | None) -> Member:
    """The member, if they have a say over others. Raises as `must_see`, NotAllowed(`moderator_needed`)."""
    must_see(conversation, member)
    if member is None or not member.moderates:
        raise NotAllowed("This takes a moderator of the conversation.", code="moderator_needed")
    return member


def must_outrank(actor: Member, target: Member) -> None:
    """Raises NotAllowed(`member_out_of_reach`): power over people goes downwards only."""
    if not actor.outranks(target):
        raise NotAllowed("This member is out of your reach.", code="member_out_of_reach")


def check_conversation_title(title: str) -> str:
    """The title without blanks around it. Raises InvalidInput(`title_invalid`)."""
    title = title.strip()
    if not 1 <= len(title) <= TITLE_MAX or not title.isprintable():
        raise InvalidInput(f"A title has 1 to {TITLE_MAX} printable characters.", code="title_invalid", field="title")
    return title


def not_found() -> NotFound:
    return NotFound("There is no such conversation.", code="conversation_not_found")


def must_be_named(conversation: Conversation) -> None:
    """Raises Conflict(`direct_conversation`): two people need no title, no roles and no rules."""
    if conversation.kind is Kind.DIRECT:
        raise Conflict("A direct conversation has no title, roles or rules.", code="direct_conversation")
