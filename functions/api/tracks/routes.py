"""HTTP of tracks."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.access import ANONYMOUS_TOO, Caller, Needs, Open
from api.dependencies import provided
from api.tracks.presenter import TrackPresenter
from api.tracks.schemas import OwnTrack, PublicTrack, TrackEdit
from api.tracks.service import TrackService
from api.wire import API_PREFIX, PageOf, PageQuery
from core.domain.ids import ID_PATTERN, TrackId
from core.domain.permissions import Permission

tracks = APIRouter(prefix=f"{API_PREFIX}/tracks", tags=["tracks"])
routers = (tracks,)

Owner = Annotated[Caller, Depends(Needs(Permission.TRACKS_OWN))]
Reader = Annotated[Caller | None, Depends(Open())]
Service = Annotated[TrackService, Depends(provided(TrackService))]
Presenter = Annotated[TrackPresenter, Depends(provided(TrackPresenter))]
TrackPath = Annotated[TrackId, Path(pattern=ID_PATTERN)]


@tracks.get("", operation_id="list_tracks")
def list_own(
    page: Annotated[PageQuery, Query()], caller: Owner, service: Service, presenter: Presenter
) -> PageOf[OwnTrack]:
    """Your own tracks, newest first."""
    found = service.list_own(caller.account_id, limit=page.limit, cursor=page.cursor)
    return PageOf(items=[presenter.own(track) for track in found.items], next_cursor=found.next_cursor)


@tracks.get("/{track_id}", operation_id="get_track", openapi_extra=ANONYMOUS_TOO)
def get(track_id: TrackPath, caller: Reader, service: Service, presenter: Presenter) -> OwnTrack | PublicTrack:
    """One track: in every state for its owner, once it can be heard and is not private for everybody else."""
    reader = caller.account_id if caller else None
    return presenter.seen_by(reader, service.get(track_id, reader))


@tracks.patch("/{track_id}", operation_id="edit_track")
def edit(track_id: TrackPath, body: TrackEdit, caller: Owner, service: Service, presenter: Presenter) -> OwnTrack:
    """Changes the title or who can see the track."""
    return presenter.own(service.edit(track_id, caller.account_id, title=body.title, visibility=body.visibility))


@tracks.delete("/{track_id}", status_code=204, operation_id="delete_track")
def delete(track_id: TrackPath, caller: Owner, service: Service) -> None:
    """Takes the track away at once; its files are removed for good after 30 days."""
    service.delete(track_id, caller.account_id)


@tracks.post("/{track_id}/retry", operation_id="retry_track")
def retry(track_id: TrackPath, caller: Owner, service: Service, presenter: Presenter) -> OwnTrack:
    """Another attempt of a failed track, without uploading again."""
    return presenter.own(service.retry(track_id, caller.account_id))
