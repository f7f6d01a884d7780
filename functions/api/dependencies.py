"""What routes ask for: the area's service, and who is calling."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from core.domain.errors import NotAuthenticated
from core.domain.ids import AccountId
from core.ports import AccessClaims, TokenSigner

ServiceT = TypeVar("ServiceT")

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="The access token of a sign-in.")


def provided(kind: type[ServiceT]) -> Callable[[Request], Awaitable[ServiceT]]:
    """A dependency that hands out the app's one service of that type."""

    async def provide(request: Request) -> ServiceT:
        return cast("ServiceT", request.app.state.services[kind])

    return provide


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Tells who is calling, from the access token alone: no table is asked."""

    signer: TokenSigner


async def claims_if_any(
    gate: Annotated[Gate, Depends(provided(Gate))],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> AccessClaims | None:
    """None for an anonymous caller. A token that is there but no good is a 401, so that clients refresh it."""
    return None if credentials is None else gate.signer.verify(credentials.credentials)


async def claims(found: Annotated[AccessClaims | None, Depends(claims_if_any)]) -> AccessClaims:
    if found is None:
        raise NotAuthenticated("Please sign in first.")
    return found


async def caller(found: Annotated[AccessClaims, Depends(claims)]) -> AccountId:
    return AccountId(found.account_id)


async def caller_if_any(found: Annotated[AccessClaims | None, Depends(claims_if_any)]) -> AccountId | None:
    return None if found is None else AccountId(found.account_id)


async def claims_if_good(
    gate: Annotated[Gate, Depends(provided(Gate))],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> AccessClaims | None:
    """None for an outdated token too: for what must never be refused, such as signing out."""
    try:
        return await claims_if_any(gate, credentials)
    except NotAuthenticated:
        return None


Caller = Annotated[AccountId, Depends(caller)]
MaybeCaller = Annotated[AccountId | None, Depends(caller_if_any)]
StillClaims = Annotated[AccessClaims | None, Depends(claims_if_good)]
ANONYMOUS_TOO: Final[dict[str, Any]] = {"security": [{}]}
"""`openapi_extra` of a route that takes a token but does not need one."""
