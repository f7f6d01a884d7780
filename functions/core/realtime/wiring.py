"""Publishers, built of what a function's settings name."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from core.domain.sockets import Door
from core.ports.realtime import Audience, Publisher
from core.store.sockets import SocketRepository

if TYPE_CHECKING:
    from core.realtime.publisher import Courier


def courier_of(endpoint: str, store: SocketRepository) -> "Courier":
    from core.adapters import clients
    from core.adapters.clock import SystemClock
    from core.adapters.sockets import ApiGatewaySockets
    from core.realtime.publisher import Courier

    return Courier(sockets=ApiGatewaySockets(clients.sockets(endpoint)), store=store, clock=SystemClock())


def publisher_of(door: Door, endpoint: str, store: SocketRepository, deliveries_queue_url: str) -> Publisher:
    from core.adapters import clients
    from core.adapters.queue import SqsQueue
    from core.realtime.publisher import SocketPublisher

    queue = SqsQueue(clients.sqs(), deliveries_queue_url)
    return SocketPublisher(door=door, store=store, courier=courier_of(endpoint, store), deliveries=queue)


@dataclass(frozen=True, kw_only=True)
class PublisherOnDemand:
    """Publisher. Most requests change nothing, so no cold start pays for its clients."""

    door: Door
    endpoint: str
    store: SocketRepository
    deliveries_queue_url: str

    @cached_property
    def _publisher(self) -> Publisher:
        return publisher_of(self.door, self.endpoint, self.store, self.deliveries_queue_url)

    def publish(self, audience: Audience, frame: str) -> int:
        return self._publisher.publish(audience, frame)
