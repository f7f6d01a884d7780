"""HTTP of the second factor, and of showing once more who is there."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import Caller, Needs
from api.cookies import Answer
from api.dependencies import provided
from api.limits import LimitedByAddress
from api.origin import RequestOrigin
from api.second_factor.schemas import AppCode, PasswordAndCode, RecoveryCodes, SetUpRequest, SetUpView, StepUpRequest
from api.second_factor.service import SecondFactorService
from api.sign_in.schemas import Tokens
from api.sign_in.service import SignInService
from api.wire import AUTH_PREFIX, plain
from core.domain.permissions import Permission
from core.domain.rates import PROOFS_BY_ADDRESS

factors = APIRouter(
    prefix=AUTH_PREFIX, tags=["second factor"], dependencies=[Depends(LimitedByAddress(PROOFS_BY_ADDRESS))]
)
routers = (factors,)

Service = Annotated[SecondFactorService, Depends(provided(SecondFactorService))]
SignIn = Annotated[SignInService, Depends(provided(SignInService))]
Owner = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN))]
EvenLeaving = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN, even_closing=True))]


@factors.post("/totp/set-up", operation_id="set_up_totp")
def set_up(body: SetUpRequest, caller: Owner, service: Service, origin: RequestOrigin) -> SetUpView:
    """A secret for an authenticator app. It counts once it is confirmed."""
    return SetUpView.of(service.set_up(caller.account_id, body.password.get_secret_value(), origin))


@factors.post("/totp/confirm", operation_id="confirm_totp")
def confirm(body: AppCode, caller: Owner, service: Service) -> RecoveryCodes:
    """From now on a sign-in needs a code. Answers the recovery codes, once."""
    return RecoveryCodes(codes=service.confirm(caller.account_id, body.code.get_secret_value()))


@factors.post("/totp/recovery-codes", operation_id="renew_recovery_codes")
def renew(body: PasswordAndCode, caller: Owner, service: Service, origin: RequestOrigin) -> RecoveryCodes:
    """Fresh recovery codes, in the place of those of before."""
    password, code = body.password.get_secret_value(), body.code.get_secret_value()
    codes = service.renew_recovery_codes(caller.account_id, password=password, code=code, origin=origin)
    return RecoveryCodes(codes=codes)


@factors.post("/totp/disable", status_code=204, operation_id="disable_totp")
def disable(body: PasswordAndCode, caller: Owner, service: Service, origin: RequestOrigin) -> None:
    """Takes the second factor away; asks for password and code."""
    password, code = body.password.get_secret_value(), body.code.get_secret_value()
    service.take_away(caller.account_id, password=password, code=code, origin=origin)


@factors.post("/step-up", operation_id="step_up", response_model_exclude_none=True)
def step_up(
    *, body: StepUpRequest, answer: Answer, caller: EvenLeaving, sign_in: SignIn, origin: RequestOrigin
) -> Tokens:
    """Shows once more who is there, for what is dangerous; the session goes on with new tokens."""
    outcome = sign_in.step_up(
        caller.account_id, caller.session_id, password=plain(body.password), code=plain(body.code), origin=origin
    )
    return answer.signed_in_again(outcome, caller, body.client)
