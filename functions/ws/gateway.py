"""What API Gateway tells of a socket, and what it is answered.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from core.domain.sockets import ConnectionId

CONNECT: Final = "CONNECT"
DISCONNECT: Final = "DISCONNECT"


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketEvent:
    """`ticket` and `origin` are of the handshake, `body` and `binary` of a frame."""

    kind: str
    connection_id: ConnectionId
    ticket: str = ""
    origin: str = ""
    body: str = ""
    binary: bool = False

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "SocketEvent":
        context = event["requestContext"]
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        return cls(
            kind=context["eventType"],
            connection_id=ConnectionId(context["connectionId"]),
            ticket=(event.get("queryStringParameters") or {}).get("ticket", ""),
            origin=headers.get("origin", ""),
            body=event.get("body") or "",
            binary=bool(event.get("isBase64Encoded")),
        )


def answer(body: str | None = None, status: HTTPStatus = HTTPStatus.OK) -> dict[str, Any]:
    """At the handshake a status that is no success refuses it; a body goes back on the same socket."""
    return {"statusCode": int(status)} | ({} if body is None else {"body": body})
