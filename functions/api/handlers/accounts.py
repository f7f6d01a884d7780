"""`accounts-api`: accounts, signing in and the public keys, sessions, and what the staff does with accounts."""

from functools import cache
from typing import Any

from api.gateway import Adapter, adapter


@cache
def _adapter() -> Adapter:
    from api import wiring
    from api.accounts.routes import routers as accounts
    from api.admin.routes import routers as admin
    from api.sessions.routes import routers as sessions
    from api.sign_in.routes import routers as sign_in

    return adapter("accounts-api", (*accounts, *sign_in, *sessions, *admin), wiring.accounts_api())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _adapter()(event, context)
