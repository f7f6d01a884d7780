"""Wire shapes of what was said. Messages and changes look as they do on the socket."""

from pydantic import Field

from api.wire import Wire
from core.domain.limits import PAGE_DEFAULT, PAGE_MAX
from core.domain.message_search import QUERY_MAX
from core.frames.chat.nouns import Happened

PLACE_MAX = 10**11


class HistoryQuery(Wire):
    limit: int = Field(default=PAGE_DEFAULT, ge=1, le=PAGE_MAX)
    before: int | None = Field(default=None, ge=1, le=PLACE_MAX, description="A seq: only what was said before it.")


class SearchQuery(HistoryQuery):
    q: str = Field(max_length=QUERY_MAX, description='Words, and "phrases in quotes"; case and accents don\'t matter.')


class UpdatesQuery(Wire):
    since: int = Field(ge=0, le=PLACE_MAX, description="The last seq you know; 0 knows nothing.")


class UpdatesOut(Wire):
    items: list[Happened]
    more: bool = Field(description="Ask again, since the last one's seq.")


class ReceiptEdit(Wire):
    read: int | None = Field(default=None, ge=1, le=PLACE_MAX, strict=True)
    delivered: int | None = Field(default=None, ge=1, le=PLACE_MAX, strict=True)


class ReceiptOut(Wire):
    read: int
    delivered: int
