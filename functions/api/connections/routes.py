"""HTTP of identities elsewhere."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Cookie, Depends, Path, Query, Response
from fastapi.responses import RedirectResponse

from api.access import ANONYMOUS_TOO, PUBLIC, Caller, Needs, Open, step_up_needed
from api.audit_notes import AUDITED, Notes
from api.connections.schemas import (
    Connections,
    ConnectionView,
    Providers,
    ProviderSignIn,
    ProviderView,
    Visit,
    VisitRequest,
)
from api.connections.service import ConnectionService, Person
from api.cookies import VISIT_COOKIE, Answer, forget, keep
from api.dependencies import provided
from api.limits import LimitedByAddress
from api.origin import RequestOrigin
from api.sign_in.schemas import Tokens
from api.wire import AUTH_PREFIX, TOKEN_MAX, plain
from core.domain.errors import NotAuthenticated, VezaError
from core.domain.limits import AUTHORIZATION_S
from core.domain.permissions import Permission
from core.domain.rates import CHECKS_BY_ADDRESS, LOGIN_BY_ADDRESS

connections = APIRouter(prefix=AUTH_PREFIX, tags=["connections"])
routers = (connections,)

ASKED = Depends(LimitedByAddress(CHECKS_BY_ADDRESS))
LIMITED = Depends(LimitedByAddress(LOGIN_BY_ADDRESS))
Service = Annotated[ConnectionService, Depends(provided(ConnectionService))]
Owner = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN))]
FreshOwner = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN, fresh=True))]
Anybody = Annotated[Caller | None, Depends(Open())]
ProviderPath = Annotated[str, Path(pattern=r"^[a-z]{1,20}$")]
VisitCookie = Annotated[str | None, Cookie(alias=VISIT_COOKIE, max_length=TOKEN_MAX, include_in_schema=False)]


@dataclass(frozen=True, slots=True)
class PageAddress:
    """Where the page is. Browsers that come back are sent there and nowhere else: no address is taken from outside."""

    url: str


@connections.get("/providers", operation_id="list_providers", dependencies=[PUBLIC])
def list_providers(service: Service) -> Providers:
    """Where else people may sign in from."""
    labels = service.providers.labels()
    return Providers(items=[ProviderView(name=name, label=label) for name, label in labels.items()])


@connections.post(
    "/providers/{provider}/visit", operation_id="visit_provider", dependencies=[ASKED], openapi_extra=ANONYMOUS_TOO
)
def visit(provider: ProviderPath, body: VisitRequest, response: Response, caller: Anybody, service: Service) -> Visit:
    """Begins a visit to a provider, to sign in or to connect the account that is signed in."""
    connecting = body.purpose == "connect"
    if connecting and caller is None:
        raise NotAuthenticated("Please sign in first.")
    if connecting and caller is not None and not caller.fresh:
        raise step_up_needed()
    started = service.start(provider, Person(caller.account_id, caller.session_id) if caller and connecting else None)
    # Lax: the provider sends the browser back by a link, and Strict cookies are not sent along then.
    keep(response, VISIT_COOKIE, started.kept, AUTHORIZATION_S, samesite="lax")
    return Visit(authorize_url=started.authorize_url)


@connections.get("/providers/{provider}/callback", include_in_schema=False, dependencies=[AUDITED, PUBLIC, ASKED])
def callback(
    *,
    provider: ProviderPath,
    service: Service,
    page: Annotated[PageAddress, Depends(provided(PageAddress))],
    notes: Notes,
    code: Annotated[str, Query(max_length=4096)] = "",
    state: Annotated[str, Query(max_length=TOKEN_MAX)] = "",
    cookie: VisitCookie = None,
) -> RedirectResponse:
    """Where providers send browsers back to; what happened is told by the page."""
    try:
        returned = service.come_back(provider, code=code, state=state, kept=cookie)
    except VezaError as refusal:
        notes.refused(refusal.code)
        return RedirectResponse(f"{page.url}/#/sign-in-failed?{urlencode({'code': refusal.code})}", status_code=303)
    notes.acted_for(returned.account_id)
    if returned.ticket is None:
        return RedirectResponse(f"{page.url}/#/account", status_code=303)
    return RedirectResponse(f"{page.url}/#/welcome-back?{urlencode({'ticket': returned.ticket})}", status_code=303)


@connections.post(
    "/providers/sign-in",
    operation_id="finish_provider_sign_in",
    response_model_exclude_none=True,
    dependencies=[PUBLIC, LIMITED],
)
def finish(
    body: ProviderSignIn, answer: Answer, service: Service, origin: RequestOrigin, cookie: VisitCookie = None
) -> Tokens:
    """Fetches the session after a visit to a provider, in the browser that went there."""
    ticket, code = body.ticket.get_secret_value(), plain(body.code)
    outcome = service.finish(ticket, cookie, code=code, remember=body.remember, origin=origin)
    forget(answer.response, VISIT_COOKIE)
    return answer.signed_in(outcome, body.client)


@connections.get("/connections", operation_id="list_connections")
def list_own(caller: Owner, service: Service) -> Connections:
    """The identities elsewhere that open your account."""
    return Connections(items=[ConnectionView.of(found) for found in service.list_of(caller.account_id)])


@connections.delete("/connections/{provider}", status_code=204, operation_id="delete_connection")
def part(provider: ProviderPath, caller: FreshOwner, service: Service) -> None:
    """Takes a connection away, unless it is the only way to sign in."""
    service.part(caller.account_id, provider)
