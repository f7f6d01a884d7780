"""Every route says who may use it, by exactly one declaration; and the gate lets nobody in by mistake."""

from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.access import Needs, Open, Public
from api.areas import ALL
from api.csrf import HARMLESS
from api.limits import LimitedByAddress
from core.domain.permissions import Permission

ROUTES = [route for router in ALL for route in router.routes if isinstance(route, APIRoute)]
WITHOUT_SIGN_IN = {
    "register", "verify_email", "login", "refresh", "logout", "revoke_token", "jwks", "healthz", "readyz",
    "openapi_json",
    "frames_json", "docs", "check_username", "begin_passkey_sign_in", "finish_passkey_sign_in",
    "list_providers", "callback", "finish_provider_sign_in", "ask_magic_link", "follow_magic_link",
    "forgot_password", "reset_password", "confirm_email_change",
}  # fmt: skip
"""Routes that look at no caller. A new one belongs here only after thought."""
FOR_ANYBODY = {"get_track", "stream_track", "count_plays", "visit_provider"}


def declared(route: APIRoute) -> list[Needs | Open | Public]:
    return [call for call in _calls(route.dependant) if isinstance(call, Needs | Open | Public)]


def _calls(dependant: Dependant) -> Iterator[object]:
    for below in dependant.dependencies:
        yield below.call
        yield from _calls(below)


def name_of(route: APIRoute) -> str:
    return route.operation_id or route.name


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{'/'.join(route.methods)} {route.path}")
def test_a_route_declares_its_access_exactly_once(route: APIRoute) -> None:
    assert len(declared(route)) == 1


def test_the_open_routes_are_these_and_no_others() -> None:
    kinds: dict[type, set[str]] = {Needs: set(), Open: set(), Public: set()}
    for route in ROUTES:
        (access,) = declared(route)
        kinds[type(access)].add(name_of(route))
    assert kinds[Public] == WITHOUT_SIGN_IN
    assert kinds[Open] == FOR_ANYBODY


WITHOUT_A_RATE = {"logout", "revoke_token"}
"""Nobody is kept signed in against their will, not even for a minute."""


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{'/'.join(route.methods)} {route.path}")
def test_what_changes_something_is_counted(route: APIRoute) -> None:
    """`Needs` counts by account; who is not looked at is counted by address."""
    changes = set(route.methods or ()) - HARMLESS
    by_account = any(isinstance(access, Needs) for access in declared(route))
    limited = any(isinstance(call, LimitedByAddress) for call in _calls(route.dependant))
    assert not changes or by_account or limited or name_of(route) in WITHOUT_A_RATE


def test_no_permission_is_without_a_route() -> None:
    needed = {access.permission for route in ROUTES for access in declared(route) if isinstance(access, Needs)}
    assert needed == set(Permission)


def test_the_contract_says_what_the_code_does() -> None:
    """`security` in OpenAPI: a bearer token where one is needed, none where nobody looks at it."""
    from api.platform.contract import openapi, operations

    said = {operation["operationId"]: operation.get("security") for operation in operations(openapi())}
    for route in ROUTES:
        if not route.include_in_schema:
            continue
        (access,) = declared(route)
        needs_token = said[name_of(route)] == [{"HTTPBearer": []}]
        assert needs_token == isinstance(access, Needs), name_of(route)
