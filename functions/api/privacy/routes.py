"""HTTP of privacy."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import Caller, Needs
from api.dependencies import provided
from api.origin import RequestOrigin
from api.privacy.schemas import Consents, ConsentView, Decision
from api.privacy.service import PrivacyService
from api.privacy.signal import PrivacySignal
from api.wire import API_PREFIX
from core.domain.permissions import Permission

privacy = APIRouter(prefix=f"{API_PREFIX}/privacy", tags=["privacy"])
routers = (privacy,)

Service = Annotated[PrivacyService, Depends(provided(PrivacyService))]
Owner = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN))]


@privacy.get("/consents", operation_id="list_consents")
def list_consents(caller: Owner, service: Service, origin: RequestOrigin, signalled: PrivacySignal) -> Consents:
    """What you agreed to or refused. A browser that says `Sec-GPC: 1` has refused what is not needed."""
    if signalled:
        service.honour_signal(caller.account_id, origin)
    held, ledger = service.holds(caller.account_id), service.ledger_of(caller.account_id)
    return Consents(
        held=[ConsentView.of(consent) for consent in held], ledger=[ConsentView.of(consent) for consent in ledger]
    )


@privacy.post("/consents", status_code=201, operation_id="decide_consent")
def decide(body: Decision, caller: Owner, service: Service, origin: RequestOrigin) -> ConsentView:
    """Agrees to a version of a document, or refuses it; can be changed at any time."""
    consent = service.decide(
        caller.account_id, body.document, version=body.version, granted=body.granted, origin=origin
    )
    return ConsentView.of(consent)
