"""HTTP of accounts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.access import PUBLIC, Caller, Needs
from api.accounts.schemas import Registration, User, UsernameCheck, Verification
from api.accounts.service import AccountService
from api.audit_notes import Notes
from api.dependencies import provided
from api.limits import LimitedByAddress
from api.wire import AUTH_PREFIX
from core.domain.permissions import Permission
from core.domain.rates import CHECKS_BY_ADDRESS, REFRESH_BY_ADDRESS, REGISTER_BY_ADDRESS

auth = APIRouter(prefix=AUTH_PREFIX, tags=["accounts"])
routers = (auth,)

CHECKED = Depends(LimitedByAddress(CHECKS_BY_ADDRESS))
FLOODS = Depends(LimitedByAddress(REFRESH_BY_ADDRESS))
LIMITED = Depends(LimitedByAddress(REGISTER_BY_ADDRESS))
Service = Annotated[AccountService, Depends(provided(AccountService))]
Whoever = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_SEE, even_closing=True))]


@auth.post("/register", status_code=201, operation_id="register", dependencies=[PUBLIC, LIMITED])
def register(body: Registration, service: Service, notes: Notes) -> User:
    """Opens an account and mails a link that confirms the address. Until then it can sign in, but not upload."""
    account = service.register(email=body.email, username=body.username, password=body.password.get_secret_value())
    notes.acted_for(account.id)
    return User.of(account)


@auth.get("/check-username", operation_id="check_username", dependencies=[PUBLIC, CHECKED])
def check_username(username: Annotated[str, Query(max_length=64)], service: Service) -> UsernameCheck:
    """Whether a username is free; a refusal says what is wrong with it."""
    return UsernameCheck(available=service.is_free(username))


@auth.post("/verify-email", operation_id="verify_email", dependencies=[PUBLIC, FLOODS])
def verify_email(body: Verification, service: Service, notes: Notes) -> User:
    """Confirms the address with the token of the mailed link; works again until the token expires."""
    account = service.verify_email(body.token.get_secret_value())
    notes.acted_for(account.id)
    return User.of(account)


@auth.get("/me", operation_id="me")
def me(caller: Whoever, service: Service) -> User:
    """The signed-in account."""
    return User.of(service.me(caller.account_id))
