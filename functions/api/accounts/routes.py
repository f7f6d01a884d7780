"""HTTP of accounts. The refresh token lives in a cookie that scripts can't read and other sites can't send."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Cookie, Depends, Response

from api.accounts.schemas import (
    Credentials,
    LogoutRequest,
    RefreshRequest,
    Registration,
    Tokens,
    User,
    Verification,
)
from api.accounts.service import AccountService, SignedIn
from api.dependencies import ANONYMOUS_TOO, Caller, StillClaims, provided
from api.wire import API_PREFIX
from core.domain.errors import NotAuthenticated
from core.domain.limits import REFRESH_TOKEN_S

AUTH_PREFIX: Final = f"{API_PREFIX}/auth"
REFRESH_COOKIE: Final = "veza_refresh"
JWKS_MAX_AGE_S: Final = 300

auth = APIRouter(prefix=AUTH_PREFIX, tags=["accounts"])
keys = APIRouter(tags=["accounts"])
routers = (auth, keys)

Service = Annotated[AccountService, Depends(provided(AccountService))]
RefreshCookie = Annotated[str | None, Cookie(alias=REFRESH_COOKIE, max_length=256, include_in_schema=False)]


def _keep(response: Response, outcome: SignedIn) -> None:
    response.set_cookie(
        REFRESH_COOKIE,
        outcome.refresh_token,
        max_age=REFRESH_TOKEN_S,
        path=AUTH_PREFIX,
        secure=True,
        httponly=True,
        samesite="strict",
    )


def _forget(response: Response) -> None:
    response.delete_cookie(REFRESH_COOKIE, path=AUTH_PREFIX, secure=True, httponly=True, samesite="strict")


@auth.post("/register", status_code=201, operation_id="register")
def register(body: Registration, service: Service) -> User:
    """Opens an account and mails a link that confirms the address. Until then it can sign in, but not upload."""
    account = service.register(email=body.email, username=body.username, password=body.password.get_secret_value())
    return User.of(account)


@auth.post("/verify-email", operation_id="verify_email")
def verify_email(body: Verification, service: Service) -> User:
    """Confirms the address with the token of the mailed link; works again until the token expires."""
    return User.of(service.verify_email(body.token))


@auth.post("/login", operation_id="login", response_model_exclude_none=True)
def login(body: Credentials, response: Response, service: Service) -> Tokens:
    """Signs in: an access token for 15 minutes, and the refresh cookie."""
    outcome = service.login(email=body.email, password=body.password.get_secret_value())
    _keep(response, outcome)
    return Tokens.of(outcome, native=body.client == "native")


@auth.post("/refresh", operation_id="refresh", response_model_exclude_none=True)
def refresh(
    response: Response,
    service: Service,
    body: Annotated[RefreshRequest | None, Body()] = None,
    cookie: RefreshCookie = None,
) -> Tokens:
    """A fresh access token. Each refresh token works once; using an old one again closes the session."""
    asked = body or RefreshRequest()
    token = asked.refresh_token or cookie
    if token is None:
        raise NotAuthenticated("Please sign in first.", code="refresh_missing")
    outcome = service.refresh(token)
    _keep(response, outcome)
    return Tokens.of(outcome, native=asked.client == "native" or asked.refresh_token is not None)


@auth.post("/logout", status_code=204, operation_id="logout", openapi_extra=ANONYMOUS_TOO)
def logout(
    response: Response,
    service: Service,
    claims: StillClaims,
    body: Annotated[LogoutRequest | None, Body()] = None,
    cookie: RefreshCookie = None,
) -> None:
    """Closes the session; nothing to close is fine too."""
    service.logout((body.refresh_token if body else None) or cookie, claims)
    _forget(response)


@auth.get("/me", operation_id="me")
def me(account_id: Caller, service: Service) -> User:
    """The signed-in account."""
    return User.of(service.me(account_id))


@keys.get("/.well-known/jwks.json", operation_id="jwks")
@keys.get(f"{API_PREFIX}/.well-known/jwks.json", include_in_schema=False)
def jwks(response: Response, service: Service) -> dict[str, Any]:
    """The public keys of access tokens (RFC 7517), the current and the previous one."""
    response.headers["cache-control"] = f"public, max-age={JWKS_MAX_AGE_S}"
    return dict(service.signer.jwks())
