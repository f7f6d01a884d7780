"""Where facts, work and letters are handed over."""

from collections.abc import Sequence
from typing import Protocol

from core.messages.envelope import Envelope


class Bus(Protocol):
    def publish(self, envelopes: Sequence[Envelope]) -> list[Envelope]:
        """Publishes all it can; returns those the bus refused. Raises QueueUnavailable if nothing went out."""
        ...


class Queue(Protocol):
    def send(self, body: str, *, delay_s: int = 0) -> None:
        """Comes after `delay_s`, at most 900. Raises QueueUnavailable."""
        ...


class Mailer(Protocol):
    def send(self, *, to: str, subject: str, text: str, html: str) -> None:
        """Raises MailUnavailable."""
        ...
