"""HTTP of conversations: whose there are, who is in them, who has a say. What is said goes by the socket."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.access import Caller, Needs
from api.conversations.schemas import (
    ConversationEdit,
    ConversationOrder,
    ConversationOut,
    DirectOrder,
    GroupOrder,
    Invitation,
    MemberEdit,
    MemberOut,
)
from api.dependencies import provided
from api.wire import API_PREFIX, PageOf, PageQuery
from core.chat.beginning import Beginning
from core.chat.membership import Membership
from core.chat.moderation import Moderation
from core.domain.conversations import ConversationId, Kind
from core.domain.errors import InvalidInput
from core.domain.ids import ID_PATTERN, AccountId
from core.domain.permissions import Permission

conversations = APIRouter(prefix=f"{API_PREFIX}/conversations", tags=["conversations"])
rooms = APIRouter(prefix=f"{API_PREFIX}/rooms", tags=["conversations"])
routers = (conversations, rooms)

Talker = Annotated[Caller, Depends(Needs(Permission.CHAT))]
Begins = Annotated[Beginning, Depends(provided(Beginning))]
Members = Annotated[Membership, Depends(provided(Membership))]
Moderates = Annotated[Moderation, Depends(provided(Moderation))]
Paging = Annotated[PageQuery, Query()]
ConversationPath = Annotated[ConversationId, Path(pattern=ID_PATTERN)]
AccountPath = Annotated[AccountId, Path(pattern=ID_PATTERN)]


@conversations.post("", status_code=201, operation_id="create_conversation")
def begin(body: ConversationOrder, caller: Talker, beginning: Begins, membership: Members) -> ConversationOut:
    """Begins one. Two people have a single direct conversation, which this answers if it was there."""
    me = caller.account_id
    if isinstance(body, DirectOrder):
        conversation = beginning.begin_direct(me, AccountId(body.account_id))
    elif isinstance(body, GroupOrder):
        conversation = beginning.begin_group(me, body.title, [AccountId(it) for it in body.account_ids])
    else:
        conversation = beginning.begin_public(me, Kind(body.kind), body.title)
    return ConversationOut.of(*membership.get(me, conversation.id))


@conversations.get("", operation_id="list_conversations")
def list_own(page: Paging, caller: Talker, membership: Members) -> PageOf[ConversationOut]:
    """Those you are in or invited to, the newest first."""
    found, cursor = membership.own(caller.account_id, limit=page.limit, cursor=page.cursor)
    return PageOf(items=[ConversationOut.of(*it) for it in found], next_cursor=cursor)


@rooms.get("", operation_id="list_rooms", dependencies=[Depends(Needs(Permission.CHAT))])
def list_rooms(page: Paging, membership: Members) -> PageOf[ConversationOut]:
    """Public rooms, the newest first; `me` is left out."""
    found, cursor = membership.rooms(limit=page.limit, cursor=page.cursor)
    return PageOf(items=[ConversationOut.of(it, None) for it in found], next_cursor=cursor)


@conversations.get("/{conversation_id}", operation_id="get_conversation")
def get(conversation_id: ConversationPath, caller: Talker, membership: Members) -> ConversationOut:
    """One you are in or invited to, or a public one."""
    return ConversationOut.of(*membership.get(caller.account_id, conversation_id))


@conversations.patch("/{conversation_id}", operation_id="edit_conversation")
def edit(
    conversation_id: ConversationPath,
    body: ConversationEdit,
    caller: Talker,
    moderation: Moderates,
    membership: Members,
) -> ConversationOut:
    """Its title, or how slow it is; by moderators."""
    moderation.change(caller.account_id, conversation_id, title=body.title, slow_mode_s=body.slow_mode_s)
    return ConversationOut.of(*membership.get(caller.account_id, conversation_id))


@conversations.post("/{conversation_id}/join", operation_id="join_conversation")
def join(conversation_id: ConversationPath, caller: Talker, membership: Members) -> MemberOut:
    """A public one, or one you are invited to."""
    return MemberOut.of(membership.join(caller.account_id, conversation_id))


@conversations.post("/{conversation_id}/leave", status_code=204, operation_id="leave_conversation")
def leave(conversation_id: ConversationPath, caller: Talker, membership: Members) -> None:
    """Or declines an invitation."""
    membership.leave(caller.account_id, conversation_id)


@conversations.get("/{conversation_id}/members", operation_id="list_members")
def list_members(
    conversation_id: ConversationPath, page: Paging, caller: Talker, membership: Members
) -> PageOf[MemberOut]:
    """Everybody who is in it, and who was."""
    found = membership.members_of(caller.account_id, conversation_id, limit=page.limit, cursor=page.cursor)
    return PageOf(items=[MemberOut.of(it) for it in found.items], next_cursor=found.next_cursor)


@conversations.post("/{conversation_id}/members", status_code=201, operation_id="invite_member")
def invite(conversation_id: ConversationPath, body: Invitation, caller: Talker, membership: Members) -> MemberOut:
    """Somebody, who decides whether to join."""
    return MemberOut.of(membership.invite(caller.account_id, conversation_id, AccountId(body.account_id)))


@conversations.patch("/{conversation_id}/members/{account_id}", operation_id="edit_member")
def edit_member(
    conversation_id: ConversationPath, account_id: AccountPath, body: MemberEdit, caller: Talker, moderation: Moderates
) -> MemberOut:
    """Gives a role (by the owner), or lets somebody only read for a while (by moderators)."""
    if (body.role is None) == (body.muted_for_s is None):
        raise InvalidInput("Say either a role or for how long.", code="member_edit_invalid")
    me = caller.account_id
    if body.role is not None:
        return MemberOut.of(moderation.give_role(me, conversation_id, account_id, body.role))
    return MemberOut.of(moderation.mute(me, conversation_id, account_id, body.muted_for_s or 0))


@conversations.delete("/{conversation_id}/members/{account_id}", status_code=204, operation_id="remove_member")
def put_out(conversation_id: ConversationPath, account_id: AccountPath, caller: Talker, moderation: Moderates) -> None:
    """They may come back, if they are invited or it is public."""
    moderation.put_out(caller.account_id, conversation_id, account_id, ban=False)


@conversations.put("/{conversation_id}/bans/{account_id}", status_code=204, operation_id="ban_member")
def ban(conversation_id: ConversationPath, account_id: AccountPath, caller: Talker, moderation: Moderates) -> Response:
    """They neither see it nor come back."""
    moderation.put_out(caller.account_id, conversation_id, account_id, ban=True)
    return Response(status_code=204)


@conversations.delete("/{conversation_id}/bans/{account_id}", status_code=204, operation_id="lift_ban")
def lift_ban(conversation_id: ConversationPath, account_id: AccountPath, caller: Talker, moderation: Moderates) -> None:
    """They may come back, if they are invited or it is public."""
    moderation.lift_ban(caller.account_id, conversation_id, account_id)
