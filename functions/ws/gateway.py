"""What API Gateway tells of a socket, and what it is answered.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from core.domain.ids import EpochMs
from core.domain.sockets import ConnectionId

CONNECT: Final = "CONNECT"
DISCONNECT: Final = "DISCONNECT"
QUERY_MAX: Final = 128
"""Characters of what is kept of an address; no door asks for more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketEvent:
    """`ticket`, `address` (what else stands there) and `origin` are of the handshake, `body` and `binary` of a
    frame. `came_at` is when the gateway heard it, by its clock."""

    kind: str
    connection_id: ConnectionId
    came_at: EpochMs | None = None
    ticket: str = ""
    address: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""
    body: str = ""
    binary: bool = False

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "SocketEvent":
        context = event["requestContext"]
        query = dict(event.get("queryStringParameters") or {})
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        return cls(
            kind=context["eventType"],
            connection_id=ConnectionId(context["connectionId"]),
            came_at=EpochMs(int(context["requestTimeEpoch"])),
            ticket=query.pop("ticket", ""),
            address={name: value for name, value in query.items() if len(name) + len(value) <= QUERY_MAX},
            origin=headers.get("origin", ""),
            body=event.get("body") or "",
            binary=bool(event.get("isBase64Encoded")),
        )


def answer(body: str | None = None, status: HTTPStatus = HTTPStatus.OK) -> dict[str, Any]:
    """At the handshake a status that is no success refuses it; a body goes back on the same socket."""
    return {"statusCode": int(status)} | ({} if body is None else {"body": body})
