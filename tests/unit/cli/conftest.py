"""A signed-in person with a config folder of their own, in front of a Veza that lives in memory."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from cli.credentials import Credentials, CredentialStore
from cli.desk import Surroundings
from cli.main import app
from cli.patience import Patience
from tests.unit.cli.veza_server import API, VezaServer

HURRIED = Patience(attempts=4, first_s=0.0, longest_s=0.0)
Veza = Callable[..., Result]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.following.gentle_intervals", lambda: iter(lambda: 0.0, 1.0))
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture
def server() -> VezaServer:
    return VezaServer()


@pytest.fixture
def store(tmp_path: Path) -> CredentialStore:
    return CredentialStore(tmp_path / "config")


@pytest.fixture
def signed_in(store: CredentialStore) -> Credentials:
    credentials = Credentials(
        api_url=API,
        account_id="a",
        email="ana@veza.test",
        username="ana",
        access_token="access-0",
        access_expires_at=4e9,
        refresh_token="refresh-0",
    )
    store.save(credentials)
    return credentials


@pytest.fixture
def veza(server: VezaServer, tmp_path: Path) -> Veza:
    """Runs the program: `veza("upload", path, typed=…, environ={…}, transport=…)`."""

    def run(*words: str | Path, typed: str | None = None, **changes: Any) -> Result:
        fields: dict[str, Any] = {
            "environ": {},
            "cwd": tmp_path,
            "config_folder": tmp_path / "config",
            "transport": server.transport,
            "api_patience": HURRIED,
            "storage_patience": HURRIED,
        }
        around = Surroundings(**{**fields, **changes})
        return CliRunner().invoke(app, [str(word) for word in words], obj=around, input=typed)

    return run


@pytest.fixture
def local_stack(tmp_path: Path) -> Path:
    """A folder below a checkout where `make up` was run."""
    outputs = {
        "api_url": API,
        "app_url": "http://d1.cloudfront.localhost:4566",
        "endpoint_url": "http://localhost:4566",
        "demo": {"email": "demo@veza.test", "password": "right horse", "username": "demo"},
    }
    (tmp_path / "checkout" / ".veza").mkdir(parents=True)
    (tmp_path / "checkout" / ".veza" / "outputs.json").write_text(json.dumps(outputs))
    inside = tmp_path / "checkout" / "music"
    inside.mkdir()
    return inside


@pytest.fixture
def unreachable() -> httpx.MockTransport:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    return httpx.MockTransport(refuse)
