"""A queue that keeps what was sent."""

from tests.fakes.faults import Breakable


class FakeQueue(Breakable):
    def __init__(self) -> None:
        self.sent: list[str] = []
        self.delays: list[int] = []

    def send(self, body: str, *, delay_s: int = 0) -> None:
        self._reach()
        self.sent.append(body)
        self.delays.append(delay_s)
