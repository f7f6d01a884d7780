"""HTTP of privacy: consents, taking one's data along, leaving."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.access import Caller, Needs
from api.audit_notes import Notes
from api.cookies import Answer
from api.dependencies import provided
from api.origin import RequestOrigin
from api.privacy.closing import ClosingService
from api.privacy.exports import ExportService
from api.privacy.schemas import Closing, Consents, ConsentView, Decision, ExportLink, Exports, ExportView
from api.privacy.service import PrivacyService
from api.privacy.signal import PrivacySignal
from api.wire import API_PREFIX
from core.domain.ids import ID_PATTERN
from core.domain.permissions import Permission

privacy = APIRouter(prefix=f"{API_PREFIX}/privacy", tags=["privacy"])
routers = (privacy,)

Service = Annotated[PrivacyService, Depends(provided(PrivacyService))]
ExportsOfApp = Annotated[ExportService, Depends(provided(ExportService))]
ClosingOfApp = Annotated[ClosingService, Depends(provided(ClosingService))]
Owner = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN))]
Leaving = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN, even_closing=True))]
FreshLeaving = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN, fresh=True, even_closing=True))]
ExportPath = Annotated[str, Path(pattern=ID_PATTERN)]


@privacy.get("/consents", operation_id="list_consents")
def list_consents(
    caller: Owner, service: Service, origin: RequestOrigin, signalled: PrivacySignal, notes: Notes
) -> Consents:
    """What you agreed to or refused. A browser that says `Sec-GPC: 1` has refused what is not needed."""
    if signalled and service.honour_signal(caller.account_id, origin):
        notes.changed()
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


@privacy.post("/exports", status_code=202, operation_id="ask_export")
def ask_export(caller: FreshLeaving, exports: ExportsOfApp) -> ExportView:
    """Has a zip made of everything we hold about you, your audio included; a mail says when it is there.

    At most three a day. While one is being made, that one is told.
    """
    return ExportView.of(exports.ask(caller.account_id), exports.clock.now())


@privacy.get("/exports", operation_id="list_exports")
def list_exports(caller: Leaving, exports: ExportsOfApp) -> Exports:
    """Your exports of the last weeks, the newest first."""
    now = exports.clock.now()
    return Exports(items=[ExportView.of(export, now) for export in exports.list_of(caller.account_id)])


@privacy.post("/exports/{export_id}/link", operation_id="link_export")
def link_export(export_id: ExportPath, caller: FreshLeaving, exports: ExportsOfApp) -> ExportLink:
    """A link to the zip that lives for 15 minutes. It opens for whoever has it: keep it to yourself."""
    return ExportLink(url=exports.link(caller.account_id, export_id))


@privacy.post("/closing", status_code=202, operation_id="close_account")
def close(answer: Answer, caller: FreshLeaving, closing: ClosingOfApp) -> Closing:
    """Has your account and all that is in it erased in 30 days. At once your music is hidden, your API keys stop and
    every device is signed out. Whoever signs in until then can keep the account."""
    account = closing.close(caller.account_id)
    assert account.closing_at is not None
    answer.signed_out()
    return Closing(closing_at=account.closing_at)


@privacy.delete("/closing", status_code=204, operation_id="keep_account")
def keep(caller: Leaving, closing: ClosingOfApp) -> None:
    """Keeps the account: everything is as before."""
    closing.keep(caller.account_id)
