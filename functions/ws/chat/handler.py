"""The chat WebSocket API → ChatService."""

from typing import Any

from ws.chat import wiring
from ws.frontdoor import serve


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    return serve(event, wiring.desk(), wiring.logger())
