"""What happens at a door, whichever it is: somebody comes, says something, goes."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from core.domain.errors import VezaError
from core.domain.ids import EpochMs
from core.domain.sockets import ConnectionId, Socket
from core.frames.envelope import Data
from core.ports.clock import Clock
from ws.answering import Malformed, answered, read, refused
from ws.doorkeeper import Doorkeeper
from ws.gateway import SocketEvent

_log = logging.getLogger(__name__)


class Service(Protocol):
    """The use cases of one door. Its methods raise the domain's errors."""

    def came(self, socket: Socket) -> None: ...

    def do(self, socket: Socket, asked: Data, came_at: EpochMs) -> Data: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`kinds` are the frames that this door understands, by their types."""

    doorkeeper: Doorkeeper
    service: Service
    kinds: Mapping[str, type[Data]]
    clock: Clock

    def connect(self, told: SocketEvent) -> Socket:
        """Raises as `Doorkeeper.admit`."""
        socket = self.doorkeeper.admit(told.connection_id, ticket=told.ticket, origin=told.origin, address=told.address)
        self.service.came(socket)
        return socket

    def disconnect(self, told: SocketEvent) -> None:
        """Best effort, as the gateway's own is: whoever is not signed off here falls silent."""
        try:
            self.doorkeeper.forget(told.connection_id)
        except VezaError:
            _log.warning("socket_not_forgotten", exc_info=True)

    def look_after(self, connection_id: ConnectionId) -> None:
        """It may have fallen silent."""
        self.doorkeeper.look_after(connection_id)

    def frame(self, told: SocketEvent) -> str:
        """The answer, which goes back on the same socket."""
        at = self.clock.now_ms()
        try:
            asked = read(told.body, self.kinds, binary=told.binary)
        except Malformed as error:
            if error.code == "frame_too_large":
                self.doorkeeper.end(told.connection_id, "frame_too_large")
            return refused(error, at=at, answers=error.answers)
        try:
            socket = self.doorkeeper.heard(told.connection_id)
        except VezaError as error:
            return refused(error, at=at, answers=asked.id)
        # The gateway's clock and ours are kept by the same service, and may still be a little apart.
        came_at = EpochMs(min(told.came_at or at, at))
        return answered(asked, lambda data: self.service.do(socket, data, came_at), at=at)
