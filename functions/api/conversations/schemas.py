"""Wire shapes of conversations and their members."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from api.wire import Id, Timestamp, Wire
from core.domain.conversations import (
    GROUP_MEMBERS_MAX,
    MUTE_MAX_S,
    SLOW_MODE_MAX_S,
    TITLE_MAX,
    Conversation,
    Kind,
    Member,
    MemberRole,
    MemberState,
)

Title = Annotated[str, Field(min_length=1, max_length=TITLE_MAX)]
Seconds = Annotated[int, Strict()]


class DirectOrder(Wire):
    kind: Literal["direct"]
    account_id: Id


class GroupOrder(Wire):
    kind: Literal["group"]
    title: Title
    account_ids: list[Id] = Field(max_length=GROUP_MEMBERS_MAX - 1, description="Who is invited.")


class RoomOrder(Wire):
    kind: Literal["room", "stream"]
    title: Title


ConversationOrder = Annotated[DirectOrder | GroupOrder | RoomOrder, Field(discriminator="kind")]


class MemberOut(Wire):
    account_id: str
    role: MemberRole
    state: MemberState
    since: Timestamp
    muted_until: Timestamp | None
    read: int = Field(description="The seq up to which they have read.")
    delivered: int = Field(description="The seq up to which their devices got everything.")

    @classmethod
    def of(cls, member: Member) -> "MemberOut":
        return cls(
            account_id=member.account_id,
            role=member.role,
            state=member.state,
            since=member.since,
            muted_until=member.muted_until,
            read=member.read,
            delivered=member.delivered,
        )


class ConversationOut(Wire):
    id: str
    kind: Kind
    title: str = Field(description="Empty for a direct conversation.")
    created_by: str
    created_at: Timestamp
    slow_mode_s: int = Field(description="How long a member waits between two messages.")
    me: MemberOut | None = Field(description="Null for who was never in it.")

    @classmethod
    def of(cls, conversation: Conversation, member: Member | None) -> "ConversationOut":
        return cls(
            id=conversation.id,
            kind=conversation.kind,
            title=conversation.title,
            created_by=conversation.created_by,
            created_at=conversation.created_at,
            slow_mode_s=conversation.slow_mode_s,
            me=None if member is None else MemberOut.of(member),
        )


class ConversationEdit(Wire):
    title: Title | None = None
    slow_mode_s: Seconds | None = Field(default=None, ge=0, le=SLOW_MODE_MAX_S)


class Invitation(Wire):
    account_id: Id


class MemberEdit(Wire):
    role: MemberRole | None = None
    muted_for_s: Seconds | None = Field(default=None, ge=0, le=MUTE_MAX_S, description="0 ends it.")
