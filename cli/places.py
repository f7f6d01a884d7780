"""Where the command line finds things: the API it talks to, the local stack, its own files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from cli.errors import Misused
from cli.loopback import is_loopback_name

API_VARIABLE = "VEZA_API_URL"
OUTPUTS = Path(".veza") / "outputs.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    email: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalStack:
    """What `make up` wrote into `.veza/outputs.json`, as far as a client needs it."""

    api_url: str
    app_url: str
    endpoint_url: str
    demo: DemoAccount | None

    @property
    def mailbox_url(self) -> str:
        """Where the embedded cloud keeps every mail that was sent."""
        return f"{self.endpoint_url.rstrip('/')}/_ministack/ses/messages"


def find_local_stack(start: Path) -> LocalStack | None:
    """The stack of the nearest `.veza/outputs.json` in `start` or above it; Misused if that file is broken."""
    for folder in (start, *start.parents):
        path = folder / OUTPUTS
        if path.is_file():
            return _read_outputs(path)
    return None


def _read_outputs(path: Path) -> LocalStack | None:
    try:
        outputs = json.loads(path.read_text(encoding="utf-8"))
        if not outputs.get("api_url"):
            return None
        demo = outputs.get("demo") or {}
        return LocalStack(
            api_url=normal_api_url(outputs["api_url"]),
            app_url=outputs.get("app_url", ""),
            endpoint_url=outputs.get("endpoint_url", ""),
            demo=DemoAccount(email=demo["email"], password=demo["password"]) if demo else None,
        )
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise Misused(f"{path} can't be read ({error}). Run `make up` again, or pass --api-url.") from error


def normal_api_url(text: str) -> str:
    """The API base without a trailing slash; a bare origin gets `/api/v1`. Misused if it is no HTTP URL."""
    try:
        url = httpx.URL(text.strip())
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host:
        raise Misused(f"'{text}' is not an http:// or https:// address.")
    if url.path in {"", "/"}:
        url = url.copy_with(path="/api/v1")
    return str(url).rstrip("/")


def choose_api_url(option: str | None, environ: Mapping[str, str], local: LocalStack | None, saved: str | None) -> str:
    """The API base: option, variable, local stack, last sign-in, in that order. Misused if none names one."""
    for candidate in (option, environ.get(API_VARIABLE), local.api_url if local else None, saved):
        if candidate:
            return normal_api_url(candidate)
    raise Misused(
        f"Which Veza? Pass --api-url, set {API_VARIABLE}, or run this inside a checkout where `make up` was run."
    )


def warns_of_plain_http(api_url: str) -> bool:
    """Whether passwords would cross a network unencrypted."""
    parts = urlsplit(api_url)
    host = parts.hostname or ""
    return parts.scheme == "http" and not (host in {"localhost", "127.0.0.1", "::1"} or is_loopback_name(host))
