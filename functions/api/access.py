"""Who is calling, and whether they may. Each route declares its access once, by one of

    Depends(Needs(Permission.X))   a signed-in caller with that permission
    Depends(Open())                anybody; who is signed in is known
    Depends(Public())              anybody; nobody is looked at

and tests/unit/api/test_access.py fails for a route that declares none, or two.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from fastapi import Cookie, Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.api_keys.gate import KeyGate, must_have_scope
from api.csrf import CSRF_HEADER, HARMLESS, Csrf
from api.dependencies import provided
from api.errors import rate_headers
from core.domain.api_keys import PREFIX as API_KEY_PREFIX
from core.domain.api_keys import Scope
from core.domain.errors import NotAllowed, NotAuthenticated
from core.domain.ids import AccountId, SessionId
from core.domain.limits import STEP_UP_S
from core.domain.permissions import FOR_PEOPLE, OVER_OTHERS, Permission, Role, permissions_of
from core.domain.rates import CHANGES_BY_ACCOUNT
from core.limiter import Limiter
from core.ports.clock import Clock
from core.ports.credentials import AccessClaims, TokenSigner

if TYPE_CHECKING:
    from core.store.access import AccessRepository

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="The access token of a sign-in.")
ACCESS_COOKIE: Final = "veza_access"
NO_SESSION: Final = SessionId("")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody signed in, with a token that counts."""

    account_id: AccountId
    session_id: SessionId
    roles: frozenset[Role]
    strong: bool
    """Signed in with two factors."""
    fresh: bool
    """Proved a moment ago who they are, not only long ago."""
    closing: bool
    """Wants the account erased, and has not changed their mind."""
    claims: AccessClaims | None
    """None for a program with an API key."""
    by_cookie: bool = False
    """A browser, with its session in cookies."""
    key_id: str = ""
    """Of that key."""
    scopes: frozenset[Scope] = frozenset(Scope)
    """What the key allows; everything for a person."""

    @property
    def token_version(self) -> int:
        """Of the account when the session was opened; of none for a program."""
        return self.claims.token_version if self.claims else -1


class Known(NamedTuple):
    """Whose token or key it is, whether or not they are let in: for the audit."""

    account_id: str
    by: str
    """The session, or the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Tells who is calling: from the token, and by one read of how its account and session stand now."""

    signer: TokenSigner
    access: "AccessRepository"
    keys: KeyGate
    clock: Clock

    def admit(self, credential: str, method: str, note: Callable[[Known], None]) -> Caller:
        """Whose token or API key it is; `note` is told as soon as that is sure, before anything else may refuse.

        Raises as `admit_token` and `KeyGate.admit`.
        """
        if credential.startswith(f"{API_KEY_PREFIX}."):
            return self._by_key(credential, method, note)
        return self.admit_token(credential, note)

    def admit_token(self, token: str, note: Callable[[Known], None]) -> Caller:
        """Whose access token it is; an API key is none.

        Raises NotAuthenticated (`token_invalid`, `token_expired`, `token_revoked`), NotAllowed(`account_suspended`).
        """
        claims = self.signer.verify(token)
        note(Known(claims.account_id, claims.session_id))
        now = self.clock.now()
        standing = self.access.standing(claims, now)
        if standing is None or not standing.token_counts:
            raise NotAuthenticated("Please sign in again.", code="token_revoked")
        if standing.suspended:
            raise NotAllowed("This account is suspended.", code="account_suspended")
        return Caller(
            account_id=AccountId(claims.account_id),
            session_id=SessionId(claims.session_id),
            roles=standing.roles,
            strong=standing.strong,
            fresh=now - standing.proved_at <= STEP_UP_S,
            closing=standing.closing,
            claims=claims,
        )

    def _by_key(self, text: str, method: str, note: Callable[[Known], None]) -> Caller:
        """A program is strong if its owner gave the key that scope, but never fresh: it can't be asked again."""
        admitted = self.keys.admit(text, method, lambda key: note(Known(key.account_id, key.id)))
        return Caller(
            account_id=admitted.key.account_id,
            session_id=NO_SESSION,
            roles=admitted.roles,
            strong=Scope.ADMIN in admitted.key.scopes,
            fresh=False,
            closing=False,
            claims=None,
            key_id=admitted.key.id,
            scopes=admitted.key.scopes,
        )


GateOfApp = Annotated[Gate, Depends(provided(Gate))]
CsrfOfApp = Annotated[Csrf, Depends(provided(Csrf))]
LimiterOfApp = Annotated[Limiter, Depends(provided(Limiter))]
AccessCookie = Annotated[str | None, Cookie(alias=ACCESS_COOKIE, max_length=4096, include_in_schema=False)]


def caller_if_any(
    request: Request, gate: GateOfApp, csrf: CsrfOfApp, credentials: Credentials, cookie: AccessCookie = None
) -> Caller | None:
    """None for an anonymous caller. A token that is there but no good is a 401, so that clients refresh it."""

    def note(known: Known) -> None:
        request.scope["caller"] = known  # for the audit

    if credentials is not None:
        return gate.admit(credentials.credentials, request.method, note)
    if cookie is None:
        return None
    # No key: its session is none, and so would be the session that the token against forgery belongs to.
    caller = replace(gate.admit_token(cookie, note), by_cookie=True)
    if request.method not in HARMLESS:
        csrf.must_match(request.headers.get(CSRF_HEADER), caller.session_id)
    return caller


MaybeCaller = Annotated[Caller | None, Depends(caller_if_any)]


def step_up_needed() -> NotAllowed:
    return NotAllowed("Please show once more that it is you.", code="step_up_needed")


class Needs:
    """A signed-in caller whose roles have `permission`, else NotAuthenticated or NotAllowed(`permission_missing`).

    What is for people is not for programs: NotAllowed(`person_needed`). Power over others takes a session of two
    factors, else NotAllowed(`second_factor_needed`). What is dangerous is `fresh`: it takes a proof of a moment ago,
    else NotAllowed(`step_up_needed`), which `POST /auth/step-up` renews. Who leaves finds only what is there
    `even_closing`: all else is NotAllowed(`account_closing`). Changes are counted: TooMany(`rate_limited`).
    """

    def __init__(self, permission: Permission, *, fresh: bool = False, even_closing: bool = False) -> None:
        self.permission = permission
        self.fresh = fresh
        self.even_closing = even_closing

    def __call__(self, request: Request, response: Response, limiter: LimiterOfApp, caller: MaybeCaller) -> Caller:
        if caller is None:
            raise NotAuthenticated("Please sign in first.")
        self._must_be_let(caller)
        if request.method not in HARMLESS and not caller.key_id:  # keys have rates of their own
            endpoint = f"{request.method} {request.scope['route'].path}"
            left = limiter.count(CHANGES_BY_ACCOUNT, f"{caller.account_id} {endpoint}")
            for name, value in rate_headers(left).items():
                response.headers.setdefault(name, value)  # a narrower rate has told its own
        return caller

    def _must_be_let(self, caller: Caller) -> None:
        if self.permission not in permissions_of(caller.roles):
            raise NotAllowed("Your account may not do this.", code="permission_missing")
        if caller.closing and not self.even_closing:
            raise NotAllowed("Your account is closing. Keep it first, if you like.", code="account_closing")
        if self.permission in FOR_PEOPLE and caller.key_id:
            raise NotAllowed("This takes a person, not an API key.", code="person_needed")
        must_have_scope(caller.scopes, self.permission)
        if self.permission in OVER_OTHERS and not caller.strong:
            raise NotAllowed("Please set up a second factor and sign in with it first.", code="second_factor_needed")
        if self.fresh and not caller.fresh:
            raise step_up_needed()


class Open:
    """Anybody, and who is signed in is known."""

    async def __call__(self, caller: MaybeCaller) -> Caller | None:
        return caller


class Public:
    """Anybody; a token is not even looked at, so that a bad one can't stand in the way of signing in or out."""

    async def __call__(self) -> None:
        return None


PUBLIC: Final = Depends(Public())
ANONYMOUS_TOO: Final[dict[str, Any]] = {"security": [{}]}
"""`openapi_extra` of a route that takes a token but does not need one."""


def claims_if_genuine(gate: GateOfApp, credentials: Credentials, cookie: AccessCookie = None) -> AccessClaims | None:
    """What a token says that was signed by us and has not expired, whatever became of its session since."""
    token = credentials.credentials if credentials is not None else cookie
    try:
        return None if token is None else gate.signer.verify(token)
    except NotAuthenticated:
        return None


GenuineClaims = Annotated[AccessClaims | None, Depends(claims_if_genuine)]
