"""The chat WebSocket API → Desk → ChatService. What is answered to a frame goes back on the same socket."""

from http import HTTPStatus
from typing import Any

from core.domain.errors import Refused, VezaError
from core.telemetry import LogEvent
from ws.chat import wiring
from ws.gateway import CONNECT, DISCONNECT, SocketEvent, answer


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    told = SocketEvent.of(event)
    if told.kind == CONNECT:
        return _connect(told)
    if told.kind == DISCONNECT:
        wiring.desk().disconnect(told)
        return answer()
    return answer(wiring.desk().frame(told))


def _connect(told: SocketEvent) -> dict[str, Any]:
    """The gateway tells a client that is refused nothing but the status."""
    try:
        socket = wiring.desk().connect(told)
    except VezaError as error:
        wiring.logger().info(LogEvent.SOCKET_REFUSED, code=error.code)
        refused = isinstance(error, Refused)
        return answer(status=HTTPStatus.UNAUTHORIZED if refused else HTTPStatus.SERVICE_UNAVAILABLE)
    wiring.logger().info(LogEvent.SOCKET_OPENED, connection_id=socket.id)
    return answer()
