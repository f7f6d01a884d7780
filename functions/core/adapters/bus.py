"""EventBridge."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from core.adapters.faults import translated
from core.domain.errors import QueueUnavailable
from core.messages.envelope import BUS_SOURCE, Envelope

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

BATCH_MAX: Final = 10
"""Entries of one PutEvents call."""


def _unavailable() -> QueueUnavailable:
    return QueueUnavailable("The event bus can't take events at the moment.")


class EventBridgeBus:
    """Bus."""

    def __init__(self, client: "EventBridgeClient", bus: str) -> None:
        self._client = client
        self._bus = bus

    def publish(self, envelopes: Sequence[Envelope]) -> list[Envelope]:
        """A batch that fails as a whole counts as refused, as long as another one went out."""
        refused: list[Envelope] = []
        fault: QueueUnavailable | None = None
        for batch in _batches(envelopes):
            try:
                refused += self._put(batch)
            except QueueUnavailable as error:
                refused += batch
                fault = error
        if envelopes and len(refused) == len(envelopes):
            raise fault or _unavailable()
        return refused

    def _put(self, batch: Sequence[Envelope]) -> list[Envelope]:
        with translated({}, or_else=_unavailable()):
            answer = self._client.put_events(Entries=[self._entry(envelope) for envelope in batch])
        if not answer["FailedEntryCount"]:
            return []
        return [envelope for envelope, entry in zip(batch, answer["Entries"], strict=True) if "ErrorCode" in entry]

    def _entry(self, envelope: Envelope) -> "PutEventsRequestEntryTypeDef":
        return {
            "EventBusName": self._bus,
            "Source": BUS_SOURCE,
            "DetailType": envelope.detail_type,
            "Detail": envelope.model_dump_json(),
            "Time": datetime.fromtimestamp(envelope.occurred_at, UTC),
        }


def _batches(envelopes: Sequence[Envelope]) -> Iterator[list[Envelope]]:
    rest = iter(envelopes)
    return iter(lambda: list(itertools.islice(rest, BATCH_MAX)), [])
