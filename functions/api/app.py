"""The composition of an API: a few areas, their services, one error shape, one set of headers.

Every deployed function mounts its own areas with `create_app`; tests mount all of them at once.
"""

from collections.abc import Iterable
from typing import Final

from aws_lambda_powertools import Logger
from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig

from api import errors
from api.middleware.audit_trail import AuditTrail
from api.middleware.body_limit import BodyLimit
from api.middleware.request_log import RequestLog
from api.middleware.security_headers import SecurityHeaders
from api.middleware.unique_keys import UniqueKeys

TITLE: Final = "Veza API"
VERSION: Final = "1.0.0"
"""The version of the contract, not of the code: it moves when the contract does."""

NO_TELEMETRY: Final[TelemetryConfig] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""FastAPI's own would record request bodies, passwords included, and send them wherever the environment says."""


def create_app(routers: Iterable[APIRouter], *, services: Iterable[object], logger: Logger) -> FastAPI:
    """An ASGI app of these areas. `services` are what their routes ask for, found by type (`dependencies.provided`)."""
    app = FastAPI(
        title=TITLE,
        version=VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    app.state.services = {type(service): service for service in services}
    for router in routers:
        app.include_router(router)
    errors.install(app)
    # The last one added is the outermost.
    app.add_middleware(UniqueKeys)
    app.add_middleware(BodyLimit)
    app.add_middleware(AuditTrail, logger=logger)
    app.add_middleware(RequestLog, logger=logger)
    app.add_middleware(SecurityHeaders)
    return app
