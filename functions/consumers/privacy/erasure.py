"""Erases an account whose time is over. What is cut short is begun again by the next hour's message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consumers.privacy.tracks import change, tracks_of
from core.domain.errors import NotFound
from core.domain.exports import exports_prefix
from core.messages.tracks import TrackDeleted

if TYPE_CHECKING:
    from core.chat.erasure import ChatErasure
    from core.domain.ids import AccountId
    from core.domain.tracks import Track
    from core.ports.clock import Clock
    from core.ports.storage import ObjectStore
    from core.store.accounts import AccountRepository
    from core.store.closings import ClosingRepository
    from core.store.connections import ConnectionRepository
    from core.store.tracks import TrackRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Eraser:
    accounts: AccountRepository
    closings: ClosingRepository
    connections: ConnectionRepository
    tracks: TrackRepository
    chat: ChatErasure
    objects: ObjectStore
    clock: Clock
    exports_bucket: str

    def erase(self, account_id: AccountId) -> bool:
        """False if the account is gone, or was kept. Its own row goes last: as long as it is there, this is repeated.

        First of all it becomes nobody's, so that nothing new can come in behind our back. Tracks are marked as deleted,
        and the sweep purges them when no worker can be at them any more: what a worker still saves is refused.
        """
        try:
            account = self.accounts.get(account_id)
        except NotFound:
            return False
        now = self.clock.now()
        if account.closing_at is None or account.closing_at > now:
            return False
        if account.erased_at is None:
            self.closings.erase(account, now)
        self._erase_tracks(account_id)
        self.chat.erase(account_id)
        self.objects.delete_prefix(self.exports_bucket, exports_prefix(account_id))
        for connection in self.connections.list_of(account_id):
            self.connections.remove(account_id, connection.provider)
        self.closings.clear(account_id)
        # Once more: an export that was being made beside this may have been finished until its row was gone.
        self.objects.delete_prefix(self.exports_bucket, exports_prefix(account_id))
        self.closings.remove(account_id, now)
        return True

    def _erase_tracks(self, account_id: AccountId) -> None:
        now = self.clock.now()

        def erased(track: Track) -> Track:
            return track if track.deleted_at is not None else track.erased(now)

        for track in tracks_of(account_id, self.tracks):
            change(
                track.id,
                erased,
                events=lambda gone: [TrackDeleted(track_id=gone.id, owner_id=gone.owner_id)],
                tracks=self.tracks,
                now=now,
            )
