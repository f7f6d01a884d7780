"""Puts what lies in the outbox on the bus."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.ids import EventId
from core.messages.envelope import Envelope
from core.ports.messaging import Bus


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayService:
    bus: Bus

    def relay(self, envelopes: Sequence[Envelope]) -> frozenset[EventId]:
        """Publishes all it can; the ids of those the bus refused, to be tried again.

        Raises QueueUnavailable if nothing went out. Consumers are idempotent by id, so a repeat does no harm.
        """
        refused = self.bus.publish(envelopes) if envelopes else []
        return frozenset(EventId(envelope.id) for envelope in refused)
