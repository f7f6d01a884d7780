"""HTTP of sessions and the login history."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.access import Caller, Needs
from api.cookies import Answer
from api.dependencies import provided
from api.sessions.schemas import LoginView, Sessions, SessionView
from api.sessions.service import SessionService
from api.wire import AUTH_PREFIX, PageOf, PageQuery
from core.domain.ids import ID_PATTERN, SessionId
from core.domain.permissions import Permission

sessions = APIRouter(prefix=AUTH_PREFIX, tags=["sessions"])
routers = (sessions,)

Service = Annotated[SessionService, Depends(provided(SessionService))]
Owner = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN))]
FreshOwner = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN, fresh=True))]
Leaving = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN, even_closing=True))]
SessionPath = Annotated[SessionId, Path(pattern=ID_PATTERN)]


@sessions.get("/sessions", operation_id="list_sessions")
def list_own(caller: Owner, service: Service) -> Sessions:
    """Where you are signed in, the newest first."""
    found = service.list_of(caller.account_id)
    return Sessions(items=[SessionView.of(session, caller.session_id) for session in found])


@sessions.delete("/sessions/{session_id}", status_code=204, operation_id="revoke_session")
def revoke(session_id: SessionPath, caller: FreshOwner, service: Service) -> None:
    """Signs one device out, at once."""
    service.revoke(caller.account_id, session_id)


@sessions.post("/logout-others", status_code=204, operation_id="logout_others")
def logout_others(caller: FreshOwner, service: Service) -> None:
    """Signs every other device out."""
    service.revoke_others(caller.account_id, keep=caller.session_id)


@sessions.post("/logout-everywhere", status_code=204, operation_id="logout_everywhere")
def logout_everywhere(answer: Answer, caller: Leaving, service: Service) -> None:
    """Signs every device out, this one too."""
    service.revoke_all(caller.account_id)
    answer.signed_out()


@sessions.get("/login-history", operation_id="login_history")
def login_history(page: Annotated[PageQuery, Query()], caller: Owner, service: Service) -> PageOf[LoginView]:
    """Sign-ins of the last 90 days, those that failed too; the newest first."""
    found = service.history(caller.account_id, limit=page.limit, cursor=page.cursor)
    return PageOf(items=[LoginView.of(login) for login in found.items], next_cursor=found.next_cursor)
