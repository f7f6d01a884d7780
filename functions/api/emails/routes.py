"""HTTP of e-mail addresses."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import PUBLIC, Caller, Needs
from api.audit_notes import Notes
from api.dependencies import provided
from api.emails.schemas import EmailAgreement, EmailChangeRequest, EmailChangeState
from api.emails.service import EmailService
from api.limits import LimitedByAddress
from api.origin import RequestOrigin
from api.wire import AUTH_PREFIX, plain
from core.domain.permissions import Permission
from core.domain.rates import PROOFS_BY_ADDRESS

emails = APIRouter(prefix=AUTH_PREFIX, tags=["accounts"])
routers = (emails,)

LIMITED = Depends(LimitedByAddress(PROOFS_BY_ADDRESS))
Service = Annotated[EmailService, Depends(provided(EmailService))]
Owner = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN))]


@emails.post("/verify-email/resend", status_code=202, operation_id="resend_verification")
def resend(caller: Owner, service: Service) -> None:
    """Mails the link that confirms the address once more, at most three times an hour."""
    service.resend_verification(caller.account_id)


@emails.post("/email", status_code=202, operation_id="change_email", dependencies=[LIMITED])
def change(body: EmailChangeRequest, caller: Owner, service: Service, origin: RequestOrigin) -> None:
    """Begins a change of address: the old and the new one each get a link, and it is done once both were followed."""
    password, code = body.password.get_secret_value(), plain(body.code)
    service.ask_for_change(caller.account_id, password=password, code=code, new_email=body.new_email, origin=origin)


@emails.delete("/email", status_code=204, operation_id="give_up_email_change")
def give_up(caller: Owner, service: Service) -> None:
    """Gives a change of address up."""
    service.give_up_change(caller.account_id)


@emails.post("/email/confirm", operation_id="confirm_email_change", dependencies=[PUBLIC, LIMITED])
def confirm(body: EmailAgreement, service: Service, notes: Notes) -> EmailChangeState:
    """One of the two addresses agrees to the change, with the token of its link."""
    agreed = service.agree(body.token.get_secret_value())
    notes.acted_for(agreed.account_id)
    return EmailChangeState(status=agreed.status)
