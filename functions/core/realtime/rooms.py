"""What sockets follow besides what concerns their account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.errors import Conflict
from core.domain.sockets import ROOMS_MAX

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.domain.ids import AccountId
    from core.domain.sockets import Door, Socket
    from core.store.sockets import SocketRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    store: SocketRepository

    def enter(self, socket: Socket, rooms: Collection[str]) -> None:
        """Raises Conflict(`rooms_too_many`)."""
        if len({*self.store.followed(socket.id), *rooms}) > ROOMS_MAX:
            raise Conflict(f"A socket follows at most {ROOMS_MAX} rooms and people.", code="rooms_too_many")
        for room in rooms:
            self.store.follow(socket, room)

    def leave(self, socket: Socket, room: str) -> None:
        self.store.unfollow(socket.id, room)

    def listeners(self, room: str) -> int:
        """How many sockets follow it."""
        return self.store.listeners([room])[room]

    def holds(self, account_id: AccountId, door: Door, room: str) -> bool:
        """Whether a device of theirs follows it."""
        return any(room in self.store.followed(it) for it in self.store.of_account(account_id, door))
