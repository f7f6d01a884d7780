"""One page of a list, and the opaque cursor to the next."""

import base64
import binascii
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.domain.errors import InvalidInput
from core.domain.ids import is_id

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """`next_cursor` is None on the last page."""

    items: list[T]
    next_cursor: str | None


def every(page_after: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """The items of all pages; `page_after` gets the cursor of each, None for the first."""
    cursor = None
    while True:
        page = page_after(cursor)
        yield from page.items
        if (cursor := page.next_cursor) is None:
            return


def cursor_after(last_id: str) -> str:
    """22 URL-safe characters that stand for the last id of a page."""
    return base64.urlsafe_b64encode(uuid.UUID(last_id).bytes).rstrip(b"=").decode()


def id_of_cursor(cursor: str) -> str:
    """The id a cursor stands for. Raises InvalidInput(`cursor_invalid`) for what `cursor_after` never made."""
    try:
        last_id = str(uuid.UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True)))
    except (ValueError, binascii.Error):
        last_id = ""
    if not is_id(last_id) or cursor_after(last_id) != cursor:
        raise InvalidInput("The cursor is not one we gave out.", code="cursor_invalid", field="cursor")
    return last_id
