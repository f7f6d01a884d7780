from collections.abc import Callable

import pytest

from core.adapters import clients
from core.adapters.bus import EventBridgeBus
from core.domain.errors import MailUnavailable, QueueUnavailable
from core.messages.envelope import Envelope
from tests.contract.aws import Aws, Mail
from tests.contract.messaging import BusContract, MailerContract, QueueContract
from tests.contract.on_aws import OnEventBridge, OnSes, OnSqs
from tests.fakes.bus import FakeBus
from tests.fakes.mail import FakeMailer
from tests.fakes.queue import FakeQueue


class TestFakeBus(BusContract):
    @pytest.fixture
    def bus(self) -> FakeBus:
        return FakeBus()

    @pytest.fixture
    def broken(self, bus: FakeBus) -> FakeBus:
        bus.fault = QueueUnavailable("The event bus can't take events at the moment.")
        return bus

    @pytest.fixture
    def arrived(self, bus: FakeBus) -> Callable[[int], list[Envelope]]:
        return lambda _: bus.published


class TestEventBridge(OnEventBridge, BusContract):
    @pytest.fixture
    def broken(self, aws: Aws) -> EventBridgeBus:
        """EventBridge takes events for a bus that is not there, so this one is no bus at all."""
        return EventBridgeBus(clients.events(), "no bus has blanks")


class TestFakeQueue(QueueContract):
    @pytest.fixture
    def queue(self) -> FakeQueue:
        return FakeQueue()

    @pytest.fixture
    def broken(self, queue: FakeQueue) -> FakeQueue:
        queue.fault = QueueUnavailable("The queue can't take messages at the moment.")
        return queue

    @pytest.fixture
    def received(self, queue: FakeQueue) -> Callable[[int], list[str]]:
        return lambda _: queue.sent


class TestSqs(OnSqs, QueueContract):
    pass


class TestFakeMailer(MailerContract):
    @pytest.fixture
    def mailer(self) -> FakeMailer:
        return FakeMailer()

    @pytest.fixture
    def broken(self, mailer: FakeMailer) -> FakeMailer:
        mailer.fault = MailUnavailable("The mail could not be sent.")
        return mailer

    @pytest.fixture
    def mails(self, mailer: FakeMailer) -> Callable[[], list[Mail]]:
        return lambda: [Mail(to=mail.to, subject=mail.subject, html=mail.html) for mail in mailer.sent]


class TestSes(OnSes, MailerContract):
    pass
