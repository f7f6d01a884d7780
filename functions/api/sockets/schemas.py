"""Wire shapes of socket tickets and of the configuration of calls."""

from pydantic import Field

from api.wire import Timestamp, Wire
from core.domain.sockets import Door


class TicketOrder(Wire):
    socket: Door


class SocketTicketOut(Wire):
    url: str = Field(description="Where to open the WebSocket; the ticket is in it.")
    ticket: str = Field(description="Good once, for 60 seconds, from the page that asked for it.")
    expires_at: Timestamp


class IceServer(Wire):
    """As RTCPeerConnection takes it (W3C WebRTC, RTCIceServer)."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class IceConfiguration(Wire):
    ice_servers: list[IceServer]
    expires_at: Timestamp = Field(description="Ask again by then: the credential of a TURN server ends.")
