"""A queue that keeps what was sent."""

from tests.fakes.faults import Breakable


class FakeQueue(Breakable):
    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, body: str) -> None:
        self._reach()
        self.sent.append(body)
