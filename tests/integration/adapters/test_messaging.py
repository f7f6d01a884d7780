import boto3
import pytest
from botocore.config import Config

from core.adapters.bus import EventBridgeBus
from tests.contract.aws import Aws
from tests.contract.messaging import BusContract, MailerContract, QueueContract
from tests.contract.on_aws import OnEventBridge, OnSes, OnSqs


class TestEventBridge(OnEventBridge, BusContract):
    @pytest.fixture
    def broken(self, aws: Aws) -> EventBridgeBus:
        """Nobody listens there. MiniStack takes events for any bus, even one that is not there."""
        once = Config(retries={"mode": "standard", "total_max_attempts": 1})
        return EventBridgeBus(boto3.client("events", endpoint_url="http://127.0.0.1:9", config=once), "veza")


class TestSqs(OnSqs, QueueContract):
    pass


class TestSes(OnSes, MailerContract):
    pass
