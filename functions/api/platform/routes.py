"""HTTP of the platform: is it alive, can it work, what does its contract say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse, JSONResponse

from api.access import PUBLIC
from api.dependencies import provided
from api.platform import docs_page
from api.platform.readiness import ReadinessService
from api.platform.schemas import Health, Readiness
from api.wire import API_PREFIX
from core.domain.sockets import Door

CONTRACT_MAX_AGE_S: Final = 60

health = APIRouter(tags=["platform"], dependencies=[PUBLIC])
contract = APIRouter(prefix=API_PREFIX, include_in_schema=False, dependencies=[PUBLIC])
routers = (health, contract)


@dataclass(frozen=True, slots=True)
class Contract:
    """The OpenAPI document of all areas; built when it is asked for."""

    openapi: Callable[[], Mapping[str, Any]]


@health.get("/healthz", operation_id="healthz")
@health.get(f"{API_PREFIX}/healthz", include_in_schema=False)
def healthz() -> Health:
    """Alive, without asking anything else."""
    return Health()


@health.get("/readyz", operation_id="readyz", responses={503: {"model": Readiness, "description": "Not ready."}})
@health.get(f"{API_PREFIX}/readyz", include_in_schema=False)
def readyz(response: Response, service: Annotated[ReadinessService, Depends(provided(ReadinessService))]) -> Readiness:
    """Asks every part that the main job depends on, and says which one failed."""
    found = Readiness.of(service.checks())
    if found.status != "ready":
        response.status_code = 503
    return found


@contract.get("/openapi.json")
def openapi_json(source: Annotated[Contract, Depends(provided(Contract))]) -> JSONResponse:
    return JSONResponse(source.openapi(), headers={"cache-control": f"public, max-age={CONTRACT_MAX_AGE_S}"})


@contract.get("/frames/{door}.json")
def frames_json(door: Door) -> JSONResponse:
    """The frames of a socket as JSON Schema."""
    from core.frames.schema import document

    return JSONResponse(document(door), headers={"cache-control": f"public, max-age={CONTRACT_MAX_AGE_S}"})


@contract.get("/docs")
def docs(source: Annotated[Contract, Depends(provided(Contract))]) -> HTMLResponse:
    return HTMLResponse(
        docs_page.render(source.openapi()),
        headers={
            "cache-control": f"public, max-age={CONTRACT_MAX_AGE_S}",
            "content-security-policy": docs_page.CONTENT_SECURITY_POLICY,
        },
    )
