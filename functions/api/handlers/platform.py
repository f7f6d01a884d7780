"""`platform-api`: health, readiness, the contract and its page."""

from functools import cache
from typing import Any

from api.gateway import Adapter, adapter


@cache
def _adapter() -> Adapter:
    from api.platform.routes import routers
    from api.wiring.platform import services

    return adapter("platform-api", routers, services())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _adapter()(event, context)
