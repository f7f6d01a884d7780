"""Writes down every POST, PUT, PATCH and DELETE, and each GET that changes something: who, what, from where, with what
result. What is refused before it finds its route is written too, without a body.

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

from api.access import Known
from api.middleware.request_log import gateway_id_of
from api.origin import Edge, origin_of
from core.domain.audit import NOBODY, AuditEntry
from core.domain.ids import new_id
from core.ports.clock import Clock
from core.telemetry import LogEvent, Metric, count

if TYPE_CHECKING:
    from core.store.audit_log import AuditLog

CHANGES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ASKED_MAX: Final = 8 * 1024
"""Characters of a body that are worth keeping."""
ASKED_MAX_OF_NOBODY: Final = 1024
"""Anybody can have these written, as often as they like."""
PATH_MAX: Final = 128


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
        if scope["type"] != "http":
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
            if scope["method"] in CHANGES or scope.get("changed", False):
                took_ms = round((time.perf_counter() - started) * 1000)
                await to_thread.run_sync(self._write, scope, status or 500, took_ms)

    def _write(self, scope: Scope, status: int, took_ms: int) -> None:
        auditor: Auditor | None = scope["app"].state.services.get(Auditor)
        route = scope.get("route")
        early = route is None and "problem_code" in scope  # by one of our middlewares
        if auditor is None or not (early or isinstance(route, APIRoute)):  # nothing of ours was asked for
            return
        try:
            auditor.log.add(self._entry(auditor, scope, status, took_ms))
        except Exception:  # noqa: BLE001 - what was asked is done, whatever became of its entry
            self._lost(auditor, scope)

    def _entry(self, auditor: Auditor, scope: Scope, status: int, took_ms: int) -> AuditEntry:
        caller: Known | None = scope.get("caller")
        return AuditEntry(
            id=new_id(),
            at=auditor.clock.now(),
            actor=caller.account_id if caller else NOBODY,
            by=caller.by if caller else "",
            subject="" if caller else scope.get("subject", ""),
            action=f"{scope['method']} {_where(scope)}",
            target={name: str(value) for name, value in scope.get("path_params", {}).items()},
            asked=self._asked(auditor, scope, ASKED_MAX if caller else ASKED_MAX_OF_NOBODY),
            status=status,
            code=scope.get("problem_code", ""),
            duration_ms=took_ms,
            request_id=scope["request_id"],
            gateway_id=gateway_id_of(scope),
            origin=origin_of(Request(scope), auditor.edge),
        )

    def _asked(self, auditor: Auditor, scope: Scope, longest: int) -> Mapping[str, Any] | None:
        """A body that can't be written down must not take its entry with it, let alone an answer that was given."""
        route = scope.get("route")
        try:
            return _understood(route, scope.get("body", b""), longest) if isinstance(route, APIRoute) else None
        except Exception:  # noqa: BLE001 - what was asked is done, whatever became of its entry
            self._lost(auditor, scope)
            return None

    def _lost(self, auditor: Auditor, scope: Scope) -> None:
        count(auditor.metrics, Metric.AUDIT_LOST)
        facts = {"request_id": scope["request_id"], "route": _where(scope)}
        self._logger.exception(LogEvent.AUDIT_LOST, extra=facts)


def _where(scope: Scope) -> str:
    """The route's template; the path itself only where no route took it, cut short."""
    return str(getattr(scope.get("route"), "path", None) or scope["path"][:PATH_MAX])


def _understood(route: APIRoute, body: bytes, longest: int) -> Mapping[str, Any] | None:
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
    return written if len(json.dumps(written)) <= longest else {"…": "too long to keep"}
