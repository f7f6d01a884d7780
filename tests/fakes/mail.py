"""A mailer that keeps its letters."""

from dataclasses import dataclass

from tests.fakes.faults import Breakable


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    to: str
    subject: str
    text: str
    html: str


class FakeMailer(Breakable):
    def __init__(self) -> None:
        self.sent: list[SentMail] = []

    def send(self, *, to: str, subject: str, text: str, html: str) -> None:
        self._reach()
        self.sent.append(SentMail(to=to, subject=subject, text=text, html=html))
