"""The stream WebSocket API → StreamService."""

from typing import Any

from ws.frontdoor import serve
from ws.stream import wiring


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    return serve(event, wiring.desk(), wiring.logger())
