"""HTTP of sign-in links."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Response

from api.access import PUBLIC
from api.cookies import LINK_COOKIE, Answer, forget, keep
from api.dependencies import provided
from api.limits import LimitedByAddress
from api.magic_links.schemas import LinkFollowed, LinkRequest, LinkSent
from api.magic_links.service import MagicLinkService
from api.origin import RequestOrigin
from api.sign_in.schemas import Tokens
from api.wire import AUTH_PREFIX, TOKEN_MAX, plain
from core.domain.rates import LOGIN_BY_ADDRESS
from core.domain.tickets import LIFE_S, Purpose

links = APIRouter(
    prefix=f"{AUTH_PREFIX}/magic-link",
    tags=["accounts"],
    dependencies=[PUBLIC, Depends(LimitedByAddress(LOGIN_BY_ADDRESS))],
)
routers = (links,)

Service = Annotated[MagicLinkService, Depends(provided(MagicLinkService))]
LinkCookie = Annotated[str | None, Cookie(alias=LINK_COOKIE, max_length=TOKEN_MAX, include_in_schema=False)]


@links.post("", status_code=202, operation_id="ask_magic_link", response_model_exclude_none=True)
def ask(body: LinkRequest, response: Response, service: Service) -> LinkSent:
    """Mails a link that signs in, if there is an account with that address. It works once, for ten minutes, here."""
    kept = service.ask(body.email)
    keep(response, LINK_COOKIE, kept, LIFE_S[Purpose.SIGN_IN])
    return LinkSent(kept=kept if body.client == "native" else None)


@links.post("/sign-in", operation_id="follow_magic_link", response_model_exclude_none=True)
def follow(
    body: LinkFollowed, answer: Answer, service: Service, origin: RequestOrigin, cookie: LinkCookie = None
) -> Tokens:
    """Signs in with the token of the mailed link."""
    kept = plain(body.kept) or cookie
    token, code = body.token.get_secret_value(), plain(body.code)
    outcome = service.follow(token, kept, code=code, remember=body.remember, origin=origin)
    forget(answer.response, LINK_COOKIE)
    return answer.signed_in(outcome, body.client)
