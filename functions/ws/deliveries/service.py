"""A shard of sockets is told; those the gateway is too busy for, a little later, and they alone."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.domain.backoff import full_jitter
from core.domain.sockets import ConnectionId, Door
from core.messages.work import Delivery
from core.ports.messaging import Queue
from core.realtime.publisher import Courier

TRIES_AT_ONCE: Final = 3
TRIES: Final = 5
"""Of the whole delivery; what is told half a minute late is no news, and the client asks by itself."""
BACKOFF_S: Final = 0.2


class Outcome(StrEnum):
    DELIVERED = "delivered"
    PUT_BACK = "put_back"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryService:
    couriers: Mapping[Door, Courier]
    queue: Queue
    pause: Callable[[float], None] = time.sleep

    def deliver(self, delivery: Delivery) -> tuple[Outcome, int]:
        """What became of it, and of how many sockets that is true."""
        rest = [ConnectionId(it) for it in delivery.connections]
        for attempt in range(TRIES_AT_ONCE):
            if attempt:
                self.pause(full_jitter(BACKOFF_S, attempt))
            rest = self.couriers[delivery.door].deliver(rest, delivery.frame)
            if not rest:
                return Outcome.DELIVERED, len(delivery.connections)
        if delivery.attempt >= TRIES:
            return Outcome.DROPPED, len(rest)
        again = delivery.model_copy(update={"connections": list(rest), "attempt": delivery.attempt + 1})
        self.queue.send(again.model_dump_json(), delay_s=1 + int(full_jitter(1, delivery.attempt)))
        return Outcome.PUT_BACK, len(rest)
