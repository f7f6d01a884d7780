"""A gateway whose connections can be looked into."""

from core.domain.sockets import ConnectionId
from core.ports.realtime import Delivered
from tests.fakes.faults import Breakable


class FakeSockets(Breakable):
    """`busy` are connections that the gateway can't take frames for at the moment."""

    def __init__(self) -> None:
        self.told: dict[ConnectionId, list[str]] = {}
        self.busy: set[ConnectionId] = set()

    def connect(self, connection_id: ConnectionId) -> None:
        self.told[connection_id] = []

    def post(self, connection_id: ConnectionId, frame: str) -> Delivered:
        if self.fault is not None or connection_id in self.busy:
            return Delivered.LATER
        if connection_id not in self.told:
            return Delivered.GONE
        self.told[connection_id].append(frame)
        return Delivered.YES

    def is_open(self, connection_id: ConnectionId) -> bool:
        return connection_id in self.told or self.fault is not None

    def close(self, connection_id: ConnectionId) -> None:
        self._reach()
        self.told.pop(connection_id, None)
