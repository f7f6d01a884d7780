"""`accounts-api`: sign-up, sign-in and the public keys."""

from functools import cache
from typing import Any

from api.gateway import Adapter, adapter


@cache
def _adapter() -> Adapter:
    from api import wiring
    from api.accounts.routes import routers

    return adapter("accounts-api", routers, wiring.accounts_api())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _adapter()(event, context)
