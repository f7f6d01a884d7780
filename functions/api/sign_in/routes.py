"""HTTP of signing in and out."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Cookie, Depends, Header, Response

from api.access import ANONYMOUS_TOO, PUBLIC, GenuineClaims
from api.audit_notes import Notes
from api.cookies import REFRESH_COOKIE, Answer
from api.csrf import CSRF_HEADER
from api.dependencies import provided
from api.limits import LimitedByAddress
from api.origin import RequestOrigin
from api.sign_in.refresh_tokens import named_by
from api.sign_in.schemas import Credentials, LogoutRequest, RefreshRequest, RevocationRequest, Tokens
from api.sign_in.service import SignInService
from api.wire import API_PREFIX, AUTH_PREFIX, TOKEN_MAX, plain
from core.domain.errors import NotAuthenticated
from core.domain.rates import LOGIN_BY_ADDRESS, REFRESH_BY_ADDRESS

JWKS_MAX_AGE_S: Final = 300

auth = APIRouter(prefix=AUTH_PREFIX, tags=["accounts"], dependencies=[PUBLIC])
keys = APIRouter(tags=["accounts"], dependencies=[PUBLIC])
routers = (auth, keys)

FLOODS = Depends(LimitedByAddress(REFRESH_BY_ADDRESS))
LIMITED = Depends(LimitedByAddress(LOGIN_BY_ADDRESS))
Service = Annotated[SignInService, Depends(provided(SignInService))]
CsrfHeader = Annotated[str | None, Header(alias=CSRF_HEADER, max_length=TOKEN_MAX)]
RefreshCookie = Annotated[str | None, Cookie(alias=REFRESH_COOKIE, max_length=TOKEN_MAX, include_in_schema=False)]


@auth.post("/login", operation_id="login", response_model_exclude_none=True, dependencies=[LIMITED])
def login(body: Credentials, answer: Answer, service: Service, origin: RequestOrigin) -> Tokens:
    """Signs in: browsers get cookies, native clients an access token for 15 minutes and a refresh token."""
    outcome = service.login(
        email=body.email,
        password=body.password.get_secret_value(),
        code=plain(body.code),
        remember=body.remember,
        origin=origin,
    )
    return answer.signed_in(outcome, body.client)


@auth.post("/refresh", operation_id="refresh", response_model_exclude_none=True, dependencies=[FLOODS])
def refresh(
    *,
    answer: Answer,
    service: Service,
    origin: RequestOrigin,
    body: Annotated[RefreshRequest | None, Body()] = None,
    cookie: RefreshCookie = None,
    csrf_token: CsrfHeader = None,
) -> Tokens:
    """A fresh access token. Each refresh token works once; using an old one again closes the session.

    With the cookie it takes the header `x-csrf-token`.
    """
    asked = body or RefreshRequest()
    token = plain(asked.refresh_token) or cookie
    if token is None:
        raise NotAuthenticated("Please sign in first.", code="refresh_missing")
    named = named_by(token)
    if asked.refresh_token is None and named is not None:
        answer.csrf.must_match(csrf_token, named.session_id)
    outcome = service.refresh(token, origin)
    # From a cookie into a cookie: no script may turn a browser's session into tokens it can read.
    return answer.signed_in(outcome, "native" if asked.refresh_token is not None else "browser")


@auth.post("/logout", status_code=204, operation_id="logout", openapi_extra=ANONYMOUS_TOO)
def logout(
    *,
    answer: Answer,
    service: Service,
    claims: GenuineClaims,
    notes: Notes,
    body: Annotated[LogoutRequest | None, Body()] = None,
    cookie: RefreshCookie = None,
) -> None:
    """Closes the session; nothing to close is fine too."""
    token = (plain(body.refresh_token) if body else None) or cookie
    if (owner := service.logout(token, claims)) is not None:
        notes.acted_for(owner)
    if token is not None or claims is not None:  # another site may send a browser here, but not with its cookies
        answer.signed_out()


@auth.post("/revoke", status_code=204, operation_id="revoke_token")
def revoke(body: RevocationRequest, service: Service, notes: Notes) -> None:
    """Makes one token worthless at once (RFC 7009), for whoever holds it; a refresh token ends with its session."""
    if (owner := service.revoke(body.token.get_secret_value())) is not None:
        notes.acted_for(owner)


@keys.get("/.well-known/jwks.json", operation_id="jwks")
@keys.get(f"{API_PREFIX}/.well-known/jwks.json", include_in_schema=False)
def jwks(response: Response, service: Service) -> dict[str, Any]:
    """The public keys of access tokens (RFC 7517), the current and the previous one."""
    response.headers["cache-control"] = f"public, max-age={JWKS_MAX_AGE_S}"
    return dict(service.signer.jwks())
