"""Gives every request its id, writes one access line, and turns what nobody expected into a plain 500.

Mangum would answer an escaped exception in text/plain; here it is logged with its trace and leaves as a problem.
"""

import re
import time
from collections.abc import MutableMapping
from typing import Any, Final

from aws_lambda_powertools import Logger
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem
from core.domain.ids import new_id
from core.telemetry import LogEvent

REQUEST_ID_HEADER: Final = "x-request-id"
_WELL_FORMED = re.compile(r"[A-Za-z0-9_=-]{8,64}")


def request_id_for(scope: Scope) -> str:
    """The caller's id if it is well-formed, else the gateway's, else a fresh one."""
    offered = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
    if _WELL_FORMED.fullmatch(offered):
        return offered
    gateway = gateway_id_of(scope)
    return gateway if _WELL_FORMED.fullmatch(gateway) else new_id()


def gateway_id_of(scope: Scope) -> str:
    """The gateway's own, which no caller can choose; empty where there is no gateway."""
    event: MutableMapping[str, Any] = scope.get("aws.event") or {}
    return str(event.get("requestContext", {}).get("requestId", ""))


class RequestLog:
    def __init__(self, app: ASGIApp, *, logger: Logger) -> None:
        self._app = app
        self._logger = logger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = scope["request_id"] = request_id_for(scope)
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_marked)
        except Exception:
            self._logger.exception(LogEvent.REQUEST_FAILED, extra={"request_id": request_id, **_where(scope)})
            if status:
                raise
            answer = problem(
                status=500, code="internal", detail="Something went wrong on our side.", request_id=request_id
            )
            await answer(scope, receive, send_marked)
        took = round((time.perf_counter() - started) * 1000, 1)
        facts = {"request_id": request_id, "status": status, "duration_ms": took, **_where(scope)}
        self._logger.info(LogEvent.REQUEST_SERVED, extra=facts)


def _where(scope: Scope) -> dict[str, str]:
    """Method and route template; the path itself only where no route took it, cut short."""
    route = getattr(scope.get("route"), "path", None)
    return {"method": scope["method"], "route": route or scope["path"][:128]}
