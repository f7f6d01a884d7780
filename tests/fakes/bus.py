"""A bus that keeps what was published."""

from collections.abc import Sequence

from core.domain.errors import QueueUnavailable
from core.messages.envelope import Envelope
from tests.fakes.faults import Breakable


class FakeBus(Breakable):
    def __init__(self) -> None:
        self.published: list[Envelope] = []
        self.refuses: set[str] = set()
        """Ids of envelopes it does not take."""

    def publish(self, envelopes: Sequence[Envelope]) -> list[Envelope]:
        self._reach()
        refused = [envelope for envelope in envelopes if envelope.id in self.refuses]
        if envelopes and len(refused) == len(envelopes):
            raise QueueUnavailable("The event bus can't take events at the moment.")
        self.published += [envelope for envelope in envelopes if envelope.id not in self.refuses]
        return refused
