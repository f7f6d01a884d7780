"""HTTP of uploads."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Header, Path

from api.access import Caller, Needs
from api.dependencies import provided
from api.limits import LimitedByAccount
from api.uploads.schemas import ONE_WORD, Completion, FreshUrls, OpenUpload, UploadRequest, UploadView
from api.uploads.service import UploadService
from api.wire import API_PREFIX
from core.domain.ids import ID_PATTERN, UploadId
from core.domain.permissions import Permission
from core.domain.rates import UPLOADS_BY_ACCOUNT

uploads = APIRouter(prefix=f"{API_PREFIX}/uploads", tags=["uploads"])
routers = (uploads,)

LIMITED = Depends(LimitedByAccount(UPLOADS_BY_ACCOUNT))
Uploader = Annotated[Caller, Depends(Needs(Permission.TRACKS_UPLOAD))]
Service = Annotated[UploadService, Depends(provided(UploadService))]
UploadPath = Annotated[UploadId, Path(pattern=ID_PATTERN)]
IdempotencyKey = Annotated[
    str | None, Header(pattern=ONE_WORD, description="The same as `client_token`, which wins if both are there.")
]


@uploads.post(
    "", status_code=201, operation_id="announce_upload", response_model_exclude_none=True, dependencies=[LIMITED]
)
def announce(
    body: UploadRequest, caller: Uploader, service: Service, idempotency_key: IdempotencyKey = None
) -> OpenUpload:
    """Announces a file: a draft track, and where to send the bytes. Needs a confirmed e-mail address.

    With a `client_token` it can be repeated safely: the same upload comes back, with fresh URLs.
    """
    return OpenUpload.of(service.announce(caller.account_id, body.announcement(idempotency_key)))


@uploads.get("/{upload_id}", operation_id="get_upload")
def get(upload_id: UploadPath, caller: Uploader, service: Service) -> UploadView:
    """Where an upload stands: what storage has of it, and how far its track is."""
    return UploadView.of(service.status(caller.account_id, upload_id))


@uploads.post("/{upload_id}/parts", operation_id="sign_parts", response_model_exclude_none=True)
def sign_parts(
    upload_id: UploadPath, caller: Uploader, service: Service, body: Annotated[FreshUrls | None, Body()] = None
) -> OpenUpload:
    """Fresh URLs, by default for all parts that are missing; for a small file its one URL."""
    return OpenUpload.of(service.sign_again(caller.account_id, upload_id, body.part_numbers if body else None))


@uploads.post("/{upload_id}/complete", operation_id="complete_upload")
def complete(
    upload_id: UploadPath, caller: Uploader, service: Service, body: Annotated[Completion | None, Body()] = None
) -> UploadView:
    """Says that everything was sent. `parts` may be left out. Can be repeated safely."""
    parts = [(part.part_number, part.etag) for part in body.parts] if body else []
    return UploadView.of(service.complete(caller.account_id, upload_id, parts))


@uploads.delete("/{upload_id}", status_code=204, operation_id="abort_upload")
def abort(upload_id: UploadPath, caller: Uploader, service: Service) -> None:
    """Gives an open upload up, and its draft track with it."""
    service.abort(caller.account_id, upload_id)
