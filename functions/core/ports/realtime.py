"""Frames to people, and to single sockets."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from core.domain.ids import AccountId
from core.domain.sockets import ConnectionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """All devices of `accounts`, and every socket that follows `room`; none of those of `but`."""

    accounts: tuple[AccountId, ...] = ()
    room: str | None = None
    but: AccountId | None = None


class Publisher(Protocol):
    """Brings a frame to everybody who should hear it: at most once, as sockets are. AppSync Events or IoT Core could
    stand behind this for large rooms (docs/realtime.md)."""

    def publish(self, audience: Audience, frame: str) -> int:
        """How many sockets it is on its way to. Raises Unavailable if it can't find out who they are."""
        ...


class Delivered(Enum):
    """What became of a frame."""

    YES = "yes"
    GONE = "gone"
    """The socket is closed for good."""
    LATER = "later"
    """The gateway is too busy, or did not answer in time."""


class Sockets(Protocol):
    """The gateway that holds the connections."""

    def post(self, connection_id: ConnectionId, frame: str) -> Delivered: ...

    def is_open(self, connection_id: ConnectionId) -> bool:
        """As far as the gateway knows; True if it does not answer."""
        ...

    def close(self, connection_id: ConnectionId) -> None:
        """Whether or not it is still there. Raises Unavailable."""
        ...
