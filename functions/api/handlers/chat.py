"""`chat-api`: socket tickets, conversations, what was said, its attachments, blocks."""

from functools import cache
from typing import Any

from api.gateway import Adapter, adapter


@cache
def _adapter() -> Adapter:
    from api.attachments.routes import routers as attachments
    from api.blocks.routes import routers as blocks
    from api.conversations.routes import routers as conversations
    from api.messages.routes import routers as messages
    from api.sockets.routes import routers as sockets
    from api.wiring.chat import services

    return adapter("chat-api", (*sockets, *conversations, *messages, *attachments, *blocks), services())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _adapter()(event, context)
