"""No request of this API is large: audio goes straight to storage. A larger body is refused before it is parsed."""

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem

BODY_MAX_BYTES: Final = 64 * 1024


class BodyLimit:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > BODY_MAX_BYTES:
            await self._refuse(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            await self._refuse(scope, receive, send)
            return
        scope["body"] = body
        await self._app(scope, _replay(body, receive), send)

    @staticmethod
    async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
        scope["problem_code"] = "body_too_large"  # for the audit
        answer = problem(
            status=413,
            code="body_too_large",
            detail=f"A request body may have at most {BODY_MAX_BYTES // 1024} KiB.",
            request_id=scope["request_id"],
        )
        await answer(scope, receive, send)


async def _read(receive: Receive) -> bytes | None:
    """The whole body, or None as soon as it is too large (a chunked body announces no length)."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_MAX_BYTES:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that hands out the body that was read, then whatever follows it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
