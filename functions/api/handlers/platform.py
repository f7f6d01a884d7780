"""`platform-api`: health, readiness, the contract and its page."""

from functools import cache
from typing import Any

from api.gateway import Adapter, adapter


@cache
def _adapter() -> Adapter:
    from api import wiring
    from api.platform.routes import routers

    return adapter("platform-api", routers, wiring.platform_api())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _adapter()(event, context)
