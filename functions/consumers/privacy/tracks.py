"""All tracks of somebody, changed one by one while workers may be changing them too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.domain.errors import Conflict, NotFound
from core.domain.limits import PAGE_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.domain.ids import AccountId, EpochSeconds, TrackId
    from core.domain.tracks import Track
    from core.messages.message import Message
    from core.store.tracks import TrackRepository

ATTEMPTS: Final = 4


def tracks_of(owner_id: AccountId, tracks: TrackRepository) -> Iterator[Track]:
    """Every living track, the newest first."""
    cursor = None
    while True:
        page = tracks.list_by_owner(owner_id, limit=PAGE_MAX, cursor=cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def change(
    track_id: TrackId,
    decide: Callable[[Track], Track],
    *,
    events: Callable[[Track], Sequence[Message]] = lambda _track: (),
    tracks: TrackRepository,
    now: EpochSeconds,
) -> None:
    """Saves what `decide` makes of the track as it is now, unless that is the same. A track that is gone is left.

    Raises Conflict(`stale_track`) if somebody else was faster every time: the queue brings the message again.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            track = tracks.get(track_id)
            changed = decide(track)
            if changed is not track:
                tracks.save(changed, events=events(changed), now=now)
        except NotFound:
            return
        except Conflict:
            if attempt == ATTEMPTS:
                raise
        else:
            return
