"""HTTP of the staff."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.access import Caller, Needs
from api.admin.schemas import AccountView, AuditEntryView, AuditQuery, RolesRequest
from api.admin.service import AdminService, Staff
from api.dependencies import provided
from api.wire import API_PREFIX, PageOf
from core.domain.ids import ID_PATTERN, AccountId
from core.domain.permissions import Permission

admin = APIRouter(prefix=f"{API_PREFIX}/admin", tags=["admin"])
routers = (admin,)

Service = Annotated[AdminService, Depends(provided(AdminService))]
Reader = Annotated[Caller, Depends(Needs(Permission.ACCOUNTS_READ))]
AuditReader = Annotated[Caller, Depends(Needs(Permission.AUDIT_READ))]
Guard = Annotated[Caller, Depends(Needs(Permission.ACCOUNTS_SUSPEND, fresh=True))]
Granter = Annotated[Caller, Depends(Needs(Permission.ROLES_GRANT, fresh=True))]
AccountPath = Annotated[AccountId, Path(pattern=ID_PATTERN)]


def _staff(caller: Caller) -> Staff:
    return Staff(account_id=caller.account_id, roles=caller.roles)


@admin.get("/users/{account_id}", operation_id="get_user")
def get(account_id: AccountPath, _caller: Reader, service: Service) -> AccountView:
    """Anybody's account."""
    return AccountView.of(service.account(account_id))


@admin.get("/audit", operation_id="read_audit")
def read_audit(query: Annotated[AuditQuery, Query()], _caller: AuditReader, service: Service) -> PageOf[AuditEntryView]:
    """What was changed: by one account, or by everybody on one day; the newest first."""
    if query.account_id is not None:
        found = service.changes_by(query.account_id, limit=query.limit, cursor=query.cursor)
    else:
        found = service.changes_on(query.day or "", limit=query.limit, cursor=query.cursor)
    return PageOf(items=[AuditEntryView.of(entry) for entry in found.items], next_cursor=found.next_cursor)


@admin.put("/users/{account_id}/roles", operation_id="set_roles")
def set_roles(account_id: AccountPath, body: RolesRequest, caller: Granter, service: Service) -> AccountView:
    """Gives the account exactly these roles. Nobody changes their own, or those of an equal."""
    return AccountView.of(service.set_roles(_staff(caller), account_id, frozenset(body.roles)))


@admin.post("/users/{account_id}/suspend", operation_id="suspend_user")
def suspend(account_id: AccountPath, caller: Guard, service: Service) -> AccountView:
    """Shuts the account out at once, all of its sessions included."""
    return AccountView.of(service.suspend(_staff(caller), account_id))


@admin.post("/users/{account_id}/reinstate", operation_id="reinstate_user")
def reinstate(account_id: AccountPath, caller: Guard, service: Service) -> AccountView:
    """Lets a suspended account in again."""
    return AccountView.of(service.reinstate(_staff(caller), account_id))


@admin.post("/users/{account_id}/end-sessions", status_code=204, operation_id="end_sessions")
def end_sessions(account_id: AccountPath, caller: Guard, service: Service) -> None:
    """Signs the account out everywhere."""
    service.end_sessions(_staff(caller), account_id)


@admin.delete("/users/{account_id}/second-factor", status_code=204, operation_id="remove_second_factor")
def remove_second_factor(account_id: AccountPath, caller: Guard, service: Service) -> None:
    """Takes the second factor of somebody who has lost it away, and signs them out everywhere."""
    service.remove_second_factor(_staff(caller), account_id)
