"""The cookies of a browser (RFC 6265bis): no other site has them sent along, no script can read those that count."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import Depends, Response

from api.access import ACCESS_COOKIE, Caller
from api.audit_notes import AuditNotes, Notes
from api.csrf import Csrf
from api.dependencies import provided
from api.origin import RequestOrigin
from api.privacy.service import PrivacyService
from api.privacy.signal import PrivacySignal
from api.sign_in.schemas import Client, Tokens
from api.sign_in.service import SignedIn
from api.wire import API_PREFIX, AUTH_PREFIX
from core.domain.ids import AccountId
from core.domain.limits import ACCESS_TOKEN_S

REFRESH_COOKIE: Final = "veza_refresh"
CSRF_COOKIE: Final = "veza_csrf"
"""The one that the page reads: it proves nothing by itself."""
LINK_COOKIE: Final = "veza_link"
"""What binds a sign-in link to the browser that asked for it."""
VISIT_COOKIE: Final = "veza_visit"
"""What binds a visit to an identity provider to the browser that went there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionAnswer:
    """Hands a session out: to a browser in cookies, to a program in the body."""

    response: Response
    csrf: Csrf
    notes: AuditNotes
    refuses: Callable[[AccountId], None]
    """Takes the browser's word for its person's, if it gives any (privacy/signal.py)."""

    def signed_in(self, outcome: SignedIn, client: Client) -> Tokens:
        self.notes.acted_for(outcome.account.id)
        self.refuses(outcome.account.id)
        if client == "native":
            return Tokens.of(outcome)
        life_s = outcome.refresh_life_s
        keep(self.response, ACCESS_COOKIE, outcome.access_token, ACCESS_TOKEN_S, path=API_PREFIX)
        keep(self.response, REFRESH_COOKIE, outcome.refresh_token, life_s)
        token = self.csrf.token_of(outcome.session_id)
        keep(self.response, CSRF_COOKIE, token, life_s, path="/", for_scripts=True)
        return Tokens.in_cookies(outcome)

    def signed_in_again(self, outcome: SignedIn, caller: Caller, client: Client) -> Tokens:
        """For who was signed in before. A session in cookies stays there: no script may ask for its tokens."""
        return self.signed_in(outcome, "browser" if caller.by_cookie else client)

    def signed_out(self) -> None:
        """Takes the session's cookies back."""
        forget(self.response, ACCESS_COOKIE, path=API_PREFIX)
        forget(self.response, REFRESH_COOKIE)
        forget(self.response, CSRF_COOKIE, path="/")


def session_answer(
    *,
    response: Response,
    csrf: Annotated[Csrf, Depends(provided(Csrf))],
    privacy: Annotated[PrivacyService, Depends(provided(PrivacyService))],
    signalled: PrivacySignal,
    origin: RequestOrigin,
    notes: Notes,
) -> SessionAnswer:
    def refuses(account_id: AccountId) -> None:
        if signalled:
            privacy.honour_signal(account_id, origin)

    return SessionAnswer(response=response, csrf=csrf, notes=notes, refuses=refuses)


Answer = Annotated[SessionAnswer, Depends(session_answer)]


def keep(
    response: Response,
    name: str,
    value: str,
    life_s: int,
    *,
    path: str = AUTH_PREFIX,
    samesite: Literal["strict", "lax"] = "strict",
    for_scripts: bool = False,
) -> None:
    response.set_cookie(
        name, value, max_age=life_s, path=path, secure=True, httponly=not for_scripts, samesite=samesite
    )


def forget(response: Response, name: str, *, path: str = AUTH_PREFIX) -> None:
    """Takes a cookie back."""
    response.delete_cookie(name, path=path, secure=True, httponly=True, samesite="strict")
