"""A JSON object that names a key twice means different things to different readers: it is refused (RFC 8259 §4)."""

import json
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import problem

JSON: Final = "json"


class _Repeated(Exception):
    """Names the key."""


class UniqueKeys:
    """Looks at the body that BodyLimit has read; what is no JSON at all is left to the route to refuse."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _repeated_key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        answer = problem(
            status=400,
            code="json_key_repeated",
            detail=f"The key {key[:60]!r} is there twice.",
            request_id=scope["request_id"],
        )
        await answer(scope, receive, send)


def _repeated_key(scope: Scope) -> str | None:
    body: bytes = scope.get("body", b"")
    if not body or JSON not in Headers(scope=scope).get("content-type", ""):
        return None
    try:
        json.loads(body, object_pairs_hook=_unique)
    except _Repeated as repeated:
        return str(repeated)
    except (ValueError, RecursionError):
        return None
    return None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise _Repeated(key)
        found[key] = value
    return found
