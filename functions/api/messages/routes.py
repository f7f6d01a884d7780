"""HTTP of what was said: history, what happened since, pins, receipts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.access import Caller, Needs
from api.dependencies import provided
from api.messages.schemas import HistoryQuery, ReceiptEdit, ReceiptOut, SearchQuery, UpdatesOut, UpdatesQuery
from api.wire import API_PREFIX, PageOf
from core.chat.reading import BATCH, Reading
from core.chat.searching import Searching
from core.domain.conversations import ConversationId, Seq
from core.domain.ids import ID_PATTERN
from core.domain.permissions import Permission
from core.frames.chat.nouns import Happened, Message

messages = APIRouter(prefix=f"{API_PREFIX}/conversations/{{conversation_id}}", tags=["messages"])
routers = (messages,)

Talker = Annotated[Caller, Depends(Needs(Permission.CHAT))]
Searches = Annotated[Searching, Depends(provided(Searching))]
Reads = Annotated[Reading, Depends(provided(Reading))]
ConversationPath = Annotated[ConversationId, Path(pattern=ID_PATTERN)]


@messages.get("/messages", operation_id="list_messages")
def history(
    conversation_id: ConversationPath, page: Annotated[HistoryQuery, Query()], caller: Talker, reading: Reads
) -> PageOf[Message]:
    """The newest first, as they are by now; `next_cursor` is the `before` of the next page."""
    before = None if page.before is None else Seq(page.before)
    found = reading.history(caller.account_id, conversation_id, before=before, limit=page.limit)
    return PageOf(items=[Message.of(it) for it in found.items], next_cursor=found.next_cursor)


@messages.get("/messages/search", operation_id="search_messages")
def search(
    conversation_id: ConversationPath, query: Annotated[SearchQuery, Query()], caller: Talker, searching: Searches
) -> PageOf[Message]:
    """Messages with all the words, the newest first. One request looks at a thousand messages: as long as there is a
    `next_cursor`, ask on with it as `before`, also if nothing was found."""
    before = None if query.before is None else Seq(query.before)
    found = searching.search(caller.account_id, conversation_id, query.q, before=before, limit=query.limit)
    return PageOf(items=[Message.of(it) for it in found.items], next_cursor=found.next_cursor)


@messages.get("/pins", operation_id="list_pins")
def pins(conversation_id: ConversationPath, caller: Talker, reading: Reads) -> PageOf[Message]:
    """All of them, the oldest message first."""
    found = reading.pinned(caller.account_id, conversation_id)
    return PageOf(items=[Message.of(it) for it in found], next_cursor=None)


@messages.get("/updates", operation_id="list_updates")
def updates(
    conversation_id: ConversationPath, query: Annotated[UpdatesQuery, Query()], caller: Talker, reading: Reads
) -> UpdatesOut:
    """What happened after `since`, in order: what a socket tells, for whoever was away."""
    found = reading.since(caller.account_id, conversation_id, Seq(query.since))
    happened = [
        Happened(type=event.type, seq=update.seq, ts=update.at, data=event.model_dump(mode="json", exclude_none=True))
        for update, event in found
    ]
    return UpdatesOut(items=happened, more=len(found) == BATCH)


@messages.put("/receipts", operation_id="set_receipts")
def receipts(conversation_id: ConversationPath, body: ReceiptEdit, caller: Talker, reading: Reads) -> ReceiptOut:
    """How far you have read, and your devices have got everything. Never goes back."""
    member = reading.receipts(
        caller.account_id, conversation_id, read=Seq(body.read or 0), delivered=Seq(body.delivered or 0)
    )
    return ReceiptOut(read=member.read, delivered=member.delivered)
