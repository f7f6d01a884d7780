"""From an API Gateway event to the ASGI app and back."""

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import APIRouter
from mangum import Mangum

from api.app import create_app
from api.errors import PROBLEM_JSON
from core.telemetry import get_logger

Adapter = Callable[[dict[str, Any], Any], dict[str, Any]]


def adapter(function: str, routers: Iterable[APIRouter], services: Iterable[object]) -> Adapter:
    """The Lambda entry of one API function."""
    app = create_app(routers, services=services, logger=get_logger(function))
    # Without lifespan="off" Mangum runs start-up and shutdown on every request. Its default takes problems for
    # binary and sends them in base64.
    return Mangum(app, lifespan="off", text_mime_types=["text/", "application/json", PROBLEM_JSON])
