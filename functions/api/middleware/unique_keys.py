"""Refuses a JSON body that says one thing twice (RFC 8259 §4 leaves it to each reader which of the two counts).

Whoever stands before us and reads the body, a filter or a log, may take the first where we take the last. The parser of
the framework can't be told to look, and bodies are small (`BodyLimit`), so they are read here once more.
"""

import json
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import problem


class UniqueKeys:
    """Inside of `BodyLimit`, which has the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _says_twice(scope["body"]):
            await self._app(scope, receive, send)
            return
        scope["problem_code"] = "json_duplicate_key"  # for the audit
        answer = problem(
            status=400,
            code="json_duplicate_key",
            detail="The request body has the same key twice in one object.",
            request_id=scope["request_id"],
        )
        await answer(scope, receive, send)


class _SaidTwiceError(Exception):
    pass


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise _SaidTwiceError


def _says_twice(body: bytes) -> bool:
    """False for what is no JSON: that is refused where it is asked for."""
    if not body:
        return False
    try:
        json.loads(body, object_pairs_hook=_once)
    except _SaidTwiceError:
        return True
    except (ValueError, RecursionError):
        return False
    return False
