"""`accounts-api`: accounts, signing in and the public keys, sessions, and what the staff does with accounts."""

from functools import cache
from typing import Any

from api.gateway import Adapter, adapter


@cache
def _adapter() -> Adapter:
    from api.accounts.routes import routers as accounts
    from api.admin.routes import routers as admin
    from api.api_keys.routes import routers as api_keys
    from api.connections.routes import routers as connections
    from api.emails.routes import routers as emails
    from api.magic_links.routes import routers as magic_links
    from api.passkeys.routes import routers as passkeys
    from api.passwords.routes import routers as passwords
    from api.privacy.routes import routers as privacy
    from api.second_factor.routes import routers as second_factor
    from api.sessions.routes import routers as sessions
    from api.sign_in.routes import routers as sign_in
    from api.wiring.accounts import services

    ways_in = (*sign_in, *magic_links, *second_factor, *passkeys, *connections, *api_keys)
    routers = (*accounts, *ways_in, *sessions, *passwords, *emails, *privacy, *admin)
    return adapter("accounts-api", routers, services())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _adapter()(event, context)
