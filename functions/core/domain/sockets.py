"""Open sockets and the tickets they are opened with.

Limits of the gateway are ours to enforce, since emulated ones don't:
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NewType

from core.domain.ids import AccountId, EpochSeconds, SessionId

ConnectionId = NewType("ConnectionId", str)
"""The gateway's; the only thing about a sender that is believed."""


class Door(StrEnum):
    CHAT = "chat"
    STREAM = "stream"


TICKET_S: Final = 60
TICKET_BYTES: Final = 32
FRAME_MAX: Final = 32 * 1024
"""Bytes. The gateway closes with 1009 for more, and bills by this much."""
HEARTBEAT_S: Final = 30
SILENCE_S: Final = 90
"""Whoever says nothing for so long is gone."""
LIFE_S: Final = 2 * 3600
"""Then the gateway closes, whatever happens; emulated ones don't, so we do."""
ESTABLISHING_S: Final = 5
"""So young a connection may be unknown to the gateway, which opens it only once `$connect` was answered."""
RECONNECT_AFTER_S: Final = 110 * 60
RECONNECT_JITTER_S: Final = 8 * 60
"""Clients come again within this, each at a moment of its own, so that they don't all come at once."""
CONNECTIONS_MAX: Final = 5
"""Of one account at one door. One more ends the most silent: who lost a line must not wait until that is noticed."""
ROOMS_MAX: Final = 20
"""That one connection follows at a time."""
ROW_KEEP_S: Final = LIFE_S + 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose access token the ticket was asked for with: a socket ends with its session."""

    account_id: AccountId
    session_id: SessionId
    token_id: str
    token_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketTicket:
    """`origin` is that of the page that asked, empty for a program."""

    secret_hash: str
    door: Door
    holder: Holder
    origin: str
    expires_at: EpochSeconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """`seen_at` is when it was last written down that a frame came, and that its session still stood."""

    id: ConnectionId
    door: Door
    holder: Holder
    connected_at: EpochSeconds
    seen_at: EpochSeconds

    address: Mapping[str, str] = field(default_factory=dict)
    """What stood in the address besides the ticket."""

    @property
    def account_id(self) -> AccountId:
        return self.holder.account_id

    @property
    def ttl(self) -> EpochSeconds:
        return EpochSeconds(self.connected_at + ROW_KEEP_S)

    def established(self, now: EpochSeconds) -> bool:
        return now - self.connected_at >= ESTABLISHING_S

    def silent(self, now: EpochSeconds) -> bool:
        return now - self.seen_at >= SILENCE_S

    def outlived(self, now: EpochSeconds) -> bool:
        return now - self.connected_at >= LIFE_S


def device_id(connection_id: ConnectionId) -> str:
    """How a connection is called to its account's devices: the gateway's own id is nobody's business."""
    return hashlib.sha256(connection_id.encode()).hexdigest()[:16]
