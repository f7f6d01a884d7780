"""HTTP of playback."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import ANONYMOUS_TOO, Caller, Open
from api.dependencies import provided
from api.limits import LimitedByAddress
from api.playback.schemas import PlayCount, StreamTicket
from api.playback.service import PlayCounts
from api.tracks.routes import TrackPath
from api.wire import API_PREFIX
from core.domain.rates import STREAMS_BY_ADDRESS
from core.playback.tickets import Tickets

playback = APIRouter(prefix=f"{API_PREFIX}/tracks", tags=["playback"])
routers = (playback,)

Listener = Annotated[Caller | None, Depends(Open())]
Service = Annotated[Tickets, Depends(provided(Tickets))]
Counts = Annotated[PlayCounts, Depends(provided(PlayCounts))]


@playback.post(
    "/{track_id}/stream",
    operation_id="stream_track",
    response_model_exclude_none=True,
    openapi_extra=ANONYMOUS_TOO,
    dependencies=[Depends(LimitedByAddress(STREAMS_BY_ADDRESS))],
)
def stream(track_id: TrackPath, caller: Listener, service: Service) -> StreamTicket:
    """A ticket to play the track: a signed master playlist that any HLS player takes."""
    return StreamTicket.of(service.ticket(track_id, caller.account_id if caller else None))


@playback.get("/{track_id}/plays", operation_id="count_plays", openapi_extra=ANONYMOUS_TOO)
def plays(track_id: TrackPath, caller: Listener, counts: Counts) -> PlayCount:
    """How often it was heard for half a minute, or half of it if it is shorter; by others than its artist."""
    return PlayCount(plays=counts.of(track_id, caller.account_id if caller else None))
