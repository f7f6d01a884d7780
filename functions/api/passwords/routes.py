"""HTTP of passwords."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import PUBLIC, Caller, Needs
from api.audit_notes import Notes
from api.cookies import Answer
from api.dependencies import provided
from api.limits import LimitedByAddress
from api.origin import RequestOrigin
from api.passwords.schemas import ForgottenPassword, PasswordChange, PasswordReset
from api.passwords.service import PasswordService
from api.sign_in.schemas import Tokens
from api.sign_in.service import SignInService
from api.wire import AUTH_PREFIX, plain
from core.domain.permissions import Permission
from core.domain.rates import PROOFS_BY_ADDRESS

passwords = APIRouter(prefix=f"{AUTH_PREFIX}/password", tags=["accounts"])
routers = (passwords,)

LIMITED = Depends(LimitedByAddress(PROOFS_BY_ADDRESS))
Service = Annotated[PasswordService, Depends(provided(PasswordService))]
SignIn = Annotated[SignInService, Depends(provided(SignInService))]
Owner = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN))]


@passwords.post("/change", operation_id="change_password", response_model_exclude_none=True, dependencies=[LIMITED])
def change(
    *,
    body: PasswordChange,
    answer: Answer,
    caller: Owner,
    service: Service,
    sign_in: SignIn,
    origin: RequestOrigin,
) -> Tokens:
    """Another password. All other devices are signed out, this one gets new tokens, and a mail tells of it."""
    current = body.current_password.get_secret_value()
    proof = sign_in.prove(caller.account_id, password=current, code=plain(body.code), origin=origin)
    account = service.change(caller.account_id, body.new_password.get_secret_value())
    outcome = sign_in.renew(account, caller.session_id, proof, origin)
    return answer.signed_in_again(outcome, caller, body.client)


@passwords.post("/forgot", status_code=202, operation_id="forgot_password", dependencies=[PUBLIC, LIMITED])
def forgot(body: ForgottenPassword, service: Service) -> None:
    """Mails a link to choose another password, if there is an account with that address. It works for 30 minutes."""
    service.ask_for_reset(body.email)


@passwords.post("/reset", status_code=204, operation_id="reset_password", dependencies=[PUBLIC, LIMITED])
def reset(body: PasswordReset, service: Service, notes: Notes) -> None:
    """Another password, by the mailed link. All devices are signed out, and all API keys end."""
    new = body.new_password.get_secret_value()
    notes.acted_for(service.reset(body.token.get_secret_value(), new, evict=body.evict).id)
