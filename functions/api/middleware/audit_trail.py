"""Writes down every POST, PUT, PATCH and DELETE: who, what, from where, with what result.

The body is read by the model of its route, once more, and written as pydantic prints it: a SecretStr is stars, whatever
its field is called. A body that its model refuses is not written at all.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread
from aws_lambda_powertools import Logger, Metrics
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import Caller
from api.origin import Edge, origin_of
from core.domain.audit import NOBODY, AuditEntry
from core.domain.errors import Unavailable
from core.domain.ids import AccountId, new_id
from core.ports import Clock
from core.telemetry import LogEvent, Metric, count

if TYPE_CHECKING:
    from core.store.audit_log import AuditLog

PROVED: Final = "proved_account"
"""In the scope: who showed by the request itself that the account is theirs, by a password or a mailed link."""
CHANGES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ASKED_MAX: Final = 8 * 1024
"""Characters of a body that are worth keeping."""


def proved_by(request: Request, account_id: AccountId) -> None:
    """Tells the audit whose doing it is, where nobody was signed in."""
    request.scope[PROVED] = account_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditor:
    log: "AuditLog"
    edge: Edge
    metrics: Metrics
    clock: Clock


class AuditTrail:
    """An entry that can't be written is an alarm, not a refusal: what was asked has been done by then."""

    def __init__(self, app: ASGIApp, *, logger: Logger) -> None:
        self._app = app
        self._logger = logger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in CHANGES:
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        finally:
            took_ms = round((time.perf_counter() - started) * 1000)
            await to_thread.run_sync(self._write, scope, status or 500, took_ms)

    def _write(self, scope: Scope, status: int, took_ms: int) -> None:
        auditor: Auditor | None = scope["app"].state.services.get(Auditor)
        route = scope.get("route")
        if auditor is None or not isinstance(route, APIRoute):  # nothing of ours was asked for
            return
        try:
            auditor.log.add(_entry(auditor, scope, route, status, took_ms))
        except Unavailable:
            count(auditor.metrics, Metric.AUDIT_LOST)
            self._logger.exception(LogEvent.AUDIT_LOST, extra={"request_id": scope["request_id"], "route": route.path})


def _entry(auditor: Auditor, scope: Scope, route: APIRoute, status: int, took_ms: int) -> AuditEntry:
    caller: Caller | None = scope.get("caller")
    return AuditEntry(
        id=new_id(),
        at=auditor.clock.now(),
        actor=caller.account_id if caller else scope.get(PROVED, NOBODY),
        by=(caller.session_id or caller.key_id) if caller else "",
        action=f"{scope['method']} {route.path}",
        target={name: str(value) for name, value in scope.get("path_params", {}).items()},
        asked=_asked(route, scope.get("body", b"")),
        status=status,
        code=scope.get("problem_code", ""),
        duration_ms=took_ms,
        request_id=scope["request_id"],
        origin=origin_of(Request(scope), auditor.edge),
    )


def _asked(route: APIRoute, body: bytes) -> Mapping[str, Any] | None:
    """The body by its model, secrets masked; None without one, or if it was refused."""
    shape = None if route.body_field is None else route.body_field.field_info.annotation
    if shape is None or not body:
        return None
    try:
        understood = TypeAdapter(shape).validate_json(body)
    except ValidationError:
        return None
    if understood is None:
        return None
    written: dict[str, Any] = understood.model_dump(mode="json")
    return written if len(json.dumps(written)) <= ASKED_MAX else {"…": "too long to keep"}
