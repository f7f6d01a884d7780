"""What every door answers to the first frame."""

from typing import Any

from core.domain.ids import EpochMs
from core.domain.sockets import HEARTBEAT_S, RECONNECT_AFTER_S, RECONNECT_JITTER_S, SILENCE_S, Socket


def hello_facts(socket: Socket) -> dict[str, Any]:
    """The fields of HelloOk. Each connection has a moment of its own to come again, the same one whenever it asks."""
    jitter_s = sum(socket.id.encode()) * 7919 % RECONNECT_JITTER_S
    return {
        "account_id": socket.account_id,
        "heartbeat_s": HEARTBEAT_S,
        "silence_s": SILENCE_S,
        "reconnect_at": EpochMs((socket.connected_at + RECONNECT_AFTER_S + jitter_s) * 1000),
    }
