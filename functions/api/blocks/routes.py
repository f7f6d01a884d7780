"""HTTP of blocks: whom one does not want to hear from."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.access import Caller, Needs
from api.dependencies import provided
from api.wire import API_PREFIX, PageOf, PageQuery, Wire
from core.chat.blocking import Blocking
from core.domain.ids import ID_PATTERN, AccountId
from core.domain.permissions import Permission

blocks = APIRouter(prefix=f"{API_PREFIX}/blocks", tags=["conversations"])
routers = (blocks,)

Talker = Annotated[Caller, Depends(Needs(Permission.CHAT))]
Blocks = Annotated[Blocking, Depends(provided(Blocking))]
AccountPath = Annotated[AccountId, Path(pattern=ID_PATTERN)]


class Blocked(Wire):
    account_id: str


@blocks.get("", operation_id="list_blocks")
def list_blocks(page: Annotated[PageQuery, Query()], caller: Talker, blocking: Blocks) -> PageOf[Blocked]:
    """Whom you block. They are not told."""
    found = blocking.blocked_by(caller.account_id, limit=page.limit, cursor=page.cursor)
    return PageOf(items=[Blocked(account_id=it) for it in found.items], next_cursor=found.next_cursor)


@blocks.put("/{account_id}", status_code=204, operation_id="block_account")
def block(account_id: AccountPath, caller: Talker, blocking: Blocks) -> Response:
    """Neither of you can write to the other, invite or call them, or see whether they are there."""
    blocking.block(caller.account_id, account_id)
    return Response(status_code=204)


@blocks.delete("/{account_id}", status_code=204, operation_id="unblock_account")
def unblock(account_id: AccountPath, caller: Talker, blocking: Blocks) -> None:
    """All is as before, but neither is told."""
    blocking.unblock(caller.account_id, account_id)
