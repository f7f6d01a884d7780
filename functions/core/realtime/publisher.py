"""Fan-out: a few sockets are told at once, many by a queue in shards, and whom the gateway can't reach, a bit later.

Delivery is at most once, and nothing depends on it: every change has its place in a log, and clients resume from there.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final

from core.domain.errors import Unavailable
from core.domain.sockets import ConnectionId, Door
from core.messages.work import Delivery
from core.ports.clock import Clock
from core.ports.messaging import Queue
from core.ports.realtime import Audience, Delivered, Sockets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from core.store.sockets import SocketRepository

INLINE_MAX: Final = 50
"""So many are told before the sender is answered; beyond it takes longer than the way through a queue."""
SHARD: Final = 200
THREADS: Final = 32

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Courier:
    """Hands a frame to connections, many at a time, and forgets those that are gone."""

    sockets: Sockets
    store: SocketRepository
    clock: Clock

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(THREADS, thread_name_prefix="courier")

    def deliver(self, connections: Sequence[ConnectionId], frame: str) -> list[ConnectionId]:
        """Those that could not be told now, but may be later."""
        if len(connections) == 1:
            outcomes = [self.sockets.post(connections[0], frame)]
        else:
            outcomes = list(self._pool.map(lambda it: self.sockets.post(it, frame), connections))
        told = dict(zip(connections, outcomes, strict=True))
        self._forget([connection for connection, outcome in told.items() if outcome is Delivered.GONE])
        return [connection for connection, outcome in told.items() if outcome is Delivered.LATER]

    def _forget(self, gone: Sequence[ConnectionId]) -> None:
        for connection in gone:
            try:
                self.store.forget(connection, self.clock.now())
            except Unavailable:
                _log.warning("socket_not_forgotten", exc_info=True)  # its TTL takes it, or the next frame finds out


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketPublisher:
    """Publisher of one door."""

    door: Door
    store: SocketRepository
    courier: Courier
    deliveries: Queue
    inline_max: int = INLINE_MAX

    def publish(self, audience: Audience, frame: str) -> int:
        listeners = self._listeners(audience)
        first = list(islice(listeners, self.inline_max + 1))
        if len(first) <= self.inline_max:
            if first and (rest := self.courier.deliver(first, frame)):
                self._send(rest, frame)
            return len(first)
        count = 0
        for shard in _shards(first, listeners):
            self._send(shard, frame)
            count += len(shard)
        return count

    def _listeners(self, audience: Audience) -> Iterator[ConnectionId]:
        """Each once."""
        known = set(self.store.of_accounts([] if audience.but is None else [audience.but], self.door))
        for connection in self._all(audience):
            if connection not in known:
                known.add(connection)
                yield connection

    def _all(self, audience: Audience) -> Iterator[ConnectionId]:
        yield from self.store.of_accounts(audience.accounts, self.door)
        if audience.room is not None:
            yield from self.store.followers(audience.room)

    def _send(self, connections: Sequence[ConnectionId], frame: str) -> None:
        delivery = Delivery(door=self.door, connections=list(connections), frame=frame)
        self.deliveries.send(delivery.model_dump_json())


@dataclass(frozen=True, slots=True)
class Unheard:
    """Publisher for who has no gateway: clients find out by their heartbeat."""

    def publish(self, _audience: Audience, _frame: str) -> int:
        return 0


def _shards(first: Sequence[ConnectionId], rest: Iterable[ConnectionId]) -> Iterator[list[ConnectionId]]:
    def everybody() -> Iterator[ConnectionId]:
        yield from first
        yield from rest

    all_of_them = everybody()
    while shard := list(islice(all_of_them, SHARD)):
        yield shard
