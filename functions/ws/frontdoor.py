"""A WebSocket API → Desk, whichever door it is. What is answered to a frame goes back on the same socket."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger

from core.domain.errors import Refused, VezaError
from core.telemetry import LogEvent
from ws.desk import Desk
from ws.gateway import CONNECT, DISCONNECT, SocketEvent, answer


def serve(event: dict[str, Any], desk: Desk, logger: Logger) -> dict[str, Any]:
    told = SocketEvent.of(event)
    if told.kind == CONNECT:
        return _connect(told, desk, logger)
    if told.kind == DISCONNECT:
        desk.disconnect(told)
        return answer()
    return answer(desk.frame(told))


def _connect(told: SocketEvent, desk: Desk, logger: Logger) -> dict[str, Any]:
    """The gateway tells a client that is refused nothing but the status."""
    try:
        socket = desk.connect(told)
    except VezaError as error:
        logger.info(LogEvent.SOCKET_REFUSED, code=error.code)
        refused = isinstance(error, Refused)
        return answer(status=HTTPStatus.UNAUTHORIZED if refused else HTTPStatus.SERVICE_UNAVAILABLE)
    logger.info(LogEvent.SOCKET_OPENED, connection_id=socket.id)
    return answer()
