"""Domain errors to `application/problem+json` (RFC 9457): the API's one translator, and its one error shape.

    {type, title, status, code, detail, request_id, errors?}

`code` is stable and made for programs, `detail` for people; `errors` lists single fields.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from core.domain.errors import (
    Conflict,
    InvalidInput,
    MediaRejected,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    ObjectGone,
    TooMany,
    Unavailable,
    VezaError,
)
from core.domain.rates import Allowance

PROBLEM_JSON: Final = "application/problem+json"
RETRY_AFTER_S: Final = 5

STATUS: Final[Mapping[type[VezaError], int]] = {
    InvalidInput: 422,
    NotAuthenticated: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    TooMany: 429,
    ObjectGone: 410,
    MediaRejected: 422,
    Unavailable: 503,
}
"""The nearest class up the tree decides; a VezaError that is in none of these is our own fault."""

FRAMEWORK_CODES: Final[Mapping[int, str]] = {404: "route_not_found", 405: "method_not_allowed", 400: "bad_request"}


class FieldError(BaseModel):
    """One broken field of the body, the query or the path, such as `size_bytes` or `parts.0.etag`."""

    field: str
    code: str
    message: str


class Problem(BaseModel):
    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: list[FieldError] | None = None


class ProblemResponse(JSONResponse):
    media_type = PROBLEM_JSON


def problem(
    *,
    status: int,
    code: str,
    detail: str,
    request_id: str,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> ProblemResponse:
    """The answer for one refusal. `title` is the code in words, so it never changes from occurrence to occurrence."""
    body = Problem(
        type=f"urn:veza:problem:{code}",
        title=code.replace("_", " ").capitalize(),
        status=status,
        code=code,
        detail=detail,
        request_id=request_id,
        errors=list(errors) or None,
    )
    return ProblemResponse(body.model_dump(exclude_none=True), status_code=status, headers=dict(headers or {}))


def status_of(error: VezaError) -> int:
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def request_id_of(request: Request) -> str:
    return str(request.scope.get("request_id", ""))


def rate_headers(left: Allowance) -> dict[str, str]:
    """draft-ietf-httpapi-ratelimit-headers-03, which clients understand; later drafts are still moving."""
    return {
        "RateLimit-Limit": str(left.limit),
        "RateLimit-Remaining": str(left.remaining),
        "RateLimit-Reset": str(left.resets_in_s),
    }


def _headers_for(error: VezaError, status: int) -> dict[str, str]:
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.left.resets_in_s), **rate_headers(error.left)}
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(RETRY_AFTER_S)}
    return {}


async def refuse(request: Request, error: Exception) -> ProblemResponse:
    """A VezaError as its problem."""
    assert isinstance(error, VezaError)
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        raise error
    request.scope["problem_code"] = error.code  # for the audit
    field = error.field if isinstance(error, InvalidInput) else None
    errors = [FieldError(field=field, code=error.code, message=error.detail)] if field else []
    return problem(
        status=status,
        code=error.code,
        detail=error.detail,
        request_id=request_id_of(request),
        errors=errors,
        headers=_headers_for(error, status),
    )


async def refuse_malformed(request: Request, error: Exception) -> ProblemResponse:
    """A request that does not have the announced shape. What the caller sent is never echoed: it may be a password."""
    assert isinstance(error, RequestValidationError)
    found: Sequence[Mapping[str, Any]] = error.errors()
    if any(e["type"] == "json_invalid" for e in found):
        request.scope["problem_code"] = "json_invalid"
        return problem(
            status=400,
            code="json_invalid",
            detail="The request body is not valid JSON.",
            request_id=request_id_of(request),
        )
    errors = [
        FieldError(
            field=".".join(str(step) for step in e["loc"][1:]) or "body", code=str(e["type"]), message=str(e["msg"])
        )
        for e in found
    ]
    request.scope["problem_code"] = "validation_failed"
    return problem(
        status=422,
        code="validation_failed",
        detail="; ".join(f"{e.field}: {e.message}" for e in errors[:3]),
        request_id=request_id_of(request),
        errors=errors,
    )


async def refuse_by_framework(request: Request, error: Exception) -> ProblemResponse:
    """No such route, or no such method on it."""
    assert isinstance(error, HTTPException)
    return problem(
        status=error.status_code,
        code=FRAMEWORK_CODES.get(error.status_code, "refused"),
        detail=str(error.detail),
        request_id=request_id_of(request),
        headers=error.headers,
    )


def install(app: FastAPI) -> None:
    app.add_exception_handler(VezaError, refuse)
    app.add_exception_handler(RequestValidationError, refuse_malformed)
    app.add_exception_handler(HTTPException, refuse_by_framework)
