"""What several functions of the sockets are made of."""

from collections.abc import Callable

from core.adapters import clients
from core.adapters.clock import SystemClock
from core.adapters.queue import SqsQueue
from core.adapters.sockets import ApiGatewaySockets
from core.domain.sockets import Door, Socket
from core.store.access import AccessRepository
from core.store.sockets import SocketRepository
from ws.doorkeeper import Doorkeeper


def doorkeeper(
    door: Door,
    *,
    endpoint: str,
    store: SocketRepository,
    accounts_table: str,
    silence_queue_url: str,
    went: Callable[[Socket], None],
) -> Doorkeeper:
    return Doorkeeper(
        door=door,
        store=store,
        access=AccessRepository(accounts_table),
        sockets=ApiGatewaySockets(clients.sockets(endpoint)),
        silence_checks=SqsQueue(clients.sqs(), silence_queue_url),
        went=went,
        clock=SystemClock(),
    )
