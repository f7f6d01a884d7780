"""HTTP of socket tickets."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header

from api.access import Caller, Needs
from api.dependencies import provided
from api.sockets.schemas import IceConfiguration, IceServer, SocketTicketOut, TicketOrder
from api.sockets.service import SocketService
from api.wire import API_PREFIX
from core.domain.errors import NotAllowed
from core.domain.permissions import Permission
from core.domain.sockets import Holder

sockets = APIRouter(prefix=API_PREFIX, tags=["sockets"])
routers = (sockets,)

Talker = Annotated[Caller, Depends(Needs(Permission.CHAT))]
Service = Annotated[SocketService, Depends(provided(SocketService))]
PageOrigin = Annotated[str, Header(alias="Origin", include_in_schema=False, max_length=255)]


@sockets.post("/ws/tickets", status_code=201, operation_id="create_socket_ticket")
def hand_out(body: TicketOrder, caller: Talker, service: Service, origin: PageOrigin = "") -> SocketTicketOut:
    """A ticket to open a WebSocket with. Browsers can't send headers there, and a token has no place in an address."""
    handed = service.hand_out(_holder(caller), body.socket, origin=origin, by_cookie=caller.by_cookie)
    return SocketTicketOut(url=handed.url, ticket=handed.secret, expires_at=handed.expires_at)


@sockets.get("/calls/ice", operation_id="get_ice_configuration")
def ice(caller: Talker, service: Service) -> IceConfiguration:
    """The servers that help two devices find a way to each other. None are set up on a local stage."""
    relays, expires_at = service.relays(caller.account_id)
    servers = [IceServer(urls=relay.urls, username=relay.username, credential=relay.credential) for relay in relays]
    return IceConfiguration(ice_servers=servers, expires_at=expires_at)


def _holder(caller: Caller) -> Holder:
    if caller.claims is None:
        raise NotAllowed("This takes a person, not an API key.", code="person_needed")
    return Holder(
        account_id=caller.account_id,
        session_id=caller.session_id,
        token_id=caller.claims.token_id,
        token_version=caller.token_version,
    )
