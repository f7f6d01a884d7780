"""HTTP of passkeys."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.access import PUBLIC, Caller, Needs
from api.cookies import Answer
from api.dependencies import provided
from api.limits import LimitedByAddress
from api.origin import RequestOrigin
from api.passkeys.schemas import (
    CeremonyView,
    NewPasskey,
    PasskeyName,
    Passkeys,
    PasskeySignIn,
    PasskeyStepUp,
    PasskeyView,
)
from api.passkeys.service import PasskeyService
from api.sign_in.schemas import Tokens
from api.wire import AUTH_PREFIX
from core.domain.permissions import Permission
from core.domain.rates import CHECKS_BY_ADDRESS, LOGIN_BY_ADDRESS

passkeys = APIRouter(prefix=AUTH_PREFIX, tags=["passkeys"])
routers = (passkeys,)

LIMITED = Depends(LimitedByAddress(LOGIN_BY_ADDRESS))
ASKED = Depends(LimitedByAddress(CHECKS_BY_ADDRESS))
Service = Annotated[PasskeyService, Depends(provided(PasskeyService))]
Owner = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN))]
FreshOwner = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN, fresh=True))]
EvenLeaving = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN, even_closing=True))]
PasskeyPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,1400}$")]


@passkeys.post("/passkey-options", operation_id="begin_passkey")
def begin(caller: FreshOwner, service: Service) -> CeremonyView:
    """Options for a new passkey."""
    return CeremonyView.of(service.begin(caller.account_id))


@passkeys.post("/passkeys", status_code=201, operation_id="add_passkey")
def add(body: NewPasskey, caller: FreshOwner, service: Service) -> PasskeyView:
    """Adds the passkey that the device made of the options."""
    made = service.add(caller.account_id, body.name, body.credential, token_version=caller.token_version)
    return PasskeyView.of(made)


@passkeys.get("/passkeys", operation_id="list_passkeys")
def list_own(caller: Owner, service: Service) -> Passkeys:
    """Your passkeys, the oldest first."""
    return Passkeys(items=[PasskeyView.of(passkey) for passkey in service.list_of(caller.account_id)])


@passkeys.patch("/passkeys/{passkey_id}", operation_id="rename_passkey")
def rename(passkey_id: PasskeyPath, body: PasskeyName, caller: Owner, service: Service) -> PasskeyView:
    """Another name for a passkey."""
    return PasskeyView.of(service.rename(caller.account_id, passkey_id, body.name))


@passkeys.delete("/passkeys/{passkey_id}", status_code=204, operation_id="delete_passkey")
def delete(passkey_id: PasskeyPath, caller: FreshOwner, service: Service) -> None:
    """Takes a passkey away: it opens nothing any more."""
    service.remove(caller.account_id, passkey_id)


@passkeys.post("/passkey-sign-in/options", operation_id="begin_passkey_sign_in", dependencies=[PUBLIC, ASKED])
def begin_sign_in(service: Service) -> CeremonyView:
    """Options to sign in with a passkey; nobody has to say who they are."""
    return CeremonyView.of(service.begin_sign_in())


@passkeys.post(
    "/passkey-sign-in",
    operation_id="finish_passkey_sign_in",
    response_model_exclude_none=True,
    dependencies=[PUBLIC, LIMITED],
)
def finish_sign_in(body: PasskeySignIn, answer: Answer, service: Service, origin: RequestOrigin) -> Tokens:
    """Signs in with what the device made of the options. It counts as two factors."""
    outcome = service.finish_sign_in(body.credential, remember=body.remember, origin=origin)
    return answer.signed_in(outcome, body.client)


@passkeys.post("/passkey-step-up", operation_id="step_up_by_passkey", response_model_exclude_none=True)
def step_up(
    body: PasskeyStepUp, answer: Answer, caller: EvenLeaving, service: Service, origin: RequestOrigin
) -> Tokens:
    """Shows once more who is there, by passkey; the session goes on with new tokens."""
    outcome = service.step_up(caller.account_id, caller.session_id, body.credential, origin)
    return answer.signed_in_again(outcome, caller, body.client)
