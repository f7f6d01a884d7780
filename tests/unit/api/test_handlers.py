"""The deployed functions: each starts from its environment alone and serves its own areas."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from api.wiring import accounts, catalogue, chat, platform, shared
from core import settings
from core.adapters import clients
from core.store.connection import shared_connection

SLOW = {"boto3", "pynamodb", "argon2", "jwt", "webauthn", "authlib", "zxcvbn", "ua_parser"}
"""What a cold start must not load before it is needed."""
FUNCTIONS = Path(__file__).parents[3] / "functions"
WIRED = {
    "accounts": (settings.AccountsApi, accounts.services),
    "catalogue": (settings.CatalogueApi, catalogue.services),
    "chat": (settings.ChatApi, chat.services),
    "platform": (settings.PlatformApi, platform.services),
}
CACHED: tuple[Callable[..., Any], ...] = (
    accounts.services,
    catalogue.services,
    chat.services,
    platform.services,
    shared.secrets,
    shared_connection,
)


@pytest.fixture(autouse=True)
def a_fresh_container(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    loop = asyncio.new_event_loop()  # Mangum takes the thread's
    asyncio.set_event_loop(loop)
    _forget()
    yield
    _forget()
    asyncio.set_event_loop(None)
    loop.close()


def _forget() -> None:
    clients.forget()
    for built in CACHED:
        built.cache_clear()  # type: ignore[attr-defined]
    for name in WIRED:
        import_module(f"api.handlers.{name}")._adapter.cache_clear()


def an_event(method: str, path: str) -> dict[str, Any]:
    """An HTTP API event, payload format 2.0."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "veza.example"},
        "requestContext": {
            "requestId": "JKJaXmPLvHcESHA=",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
        },
        "isBase64Encoded": False,
    }


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], dict[str, Any]]:
    """Calls a function with nothing but the variables of its settings class."""

    def call(function: str, method: str, path: str) -> dict[str, Any]:
        for field in fields(WIRED[function][0]):
            monkeypatch.setenv(settings.variable(field.name), "48" if field.type is int else f"a-{field.name}")
        answer: dict[str, Any] = import_module(f"api.handlers.{function}").handler(an_event(method, path), None)
        return {"status": answer["statusCode"], "headers": answer["headers"], "body": answer["body"]}

    return call


@pytest.mark.parametrize(
    ("function", "method", "path", "status"),
    [
        ("accounts", "GET", "/api/v1/auth/me", 401),
        ("accounts", "GET", "/api/v1/auth/sessions", 401),
        ("accounts", "GET", "/api/v1/auth/login-history", 401),
        ("accounts", "POST", "/api/v1/admin/users/0/suspend", 401),
        ("accounts", "GET", "/api/v1/tracks", 404),
        ("catalogue", "GET", "/api/v1/tracks", 401),
        ("catalogue", "POST", "/api/v1/uploads", 401),
        ("catalogue", "GET", "/api/v1/auth/me", 404),
        ("chat", "POST", "/api/v1/ws/tickets", 401),
        ("chat", "GET", "/api/v1/conversations", 401),
        ("chat", "GET", "/api/v1/conversations/0/messages", 401),
        ("chat", "POST", "/api/v1/conversations/0/attachments", 401),
        ("chat", "GET", "/api/v1/blocks", 401),
        ("chat", "GET", "/api/v1/tracks", 404),
        ("platform", "GET", "/healthz", 200),
        ("platform", "GET", "/api/v1/healthz", 200),
        ("platform", "GET", "/api/v1/openapi.json", 200),
        ("platform", "GET", "/api/v1/docs", 200),
        ("platform", "GET", "/api/v1/auth/me", 404),
    ],
)
def test_a_function_serves_its_own_areas(
    invoke: Callable[[str, str, str], dict[str, Any]], function: str, method: str, path: str, status: int
) -> None:
    answer = invoke(function, method, path)

    assert answer["status"] == status
    assert answer["headers"]["x-request-id"] == "JKJaXmPLvHcESHA="


def test_problems_travel_as_text(invoke: Callable[[str, str, str], dict[str, Any]]) -> None:
    assert json.loads(invoke("accounts", "GET", "/api/v1/auth/me")["body"])["code"] == "not_authenticated"


@pytest.mark.parametrize("function", list(WIRED))
def test_a_missing_variable_is_named(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VEZA_STAGE", raising=False)

    with pytest.raises(RuntimeError, match="VEZA_STAGE"):
        WIRED[function][1]()


@pytest.mark.parametrize("function", list(WIRED))
def test_importing_a_handler_connects_to_nothing_and_loads_no_client_library(function: str) -> None:
    code = f"import sys, api.handlers.{function}; print(sorted({SLOW!r} & set(sys.modules)))"

    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(FUNCTIONS)}, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_keys_of_different_purposes_differ() -> None:
    assert shared.derived_key("one", "secret") != shared.derived_key("another", "secret")
    assert shared.derived_key("one", "secret") == shared.derived_key("one", "secret")
