"""The handler: every record on its own, and the failed ones named."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.domain.errors import ScannerUnavailable
from core.messages.work import RescanRequest
from core.telemetry import Metric, get_logger
from scan import wiring
from scan.handler import handler
from scan.service import Outcome

CONTEXT = cast("LambdaContext", SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000))


@dataclass
class FakeService:
    """Answers by key."""

    outcomes: dict[str, Outcome | Exception] = field(default_factory=dict)
    seen: list[tuple[str, str, str | None]] = field(default_factory=list)

    def scan_object(self, bucket: str, key: str, version_id: str | None) -> Outcome:
        self.seen.append((bucket, key, version_id))
        outcome = self.outcomes.get(key, Outcome.PROMOTED)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> FakeService:
    fake = FakeService()
    logger = get_logger("scan")
    monkeypatch.setattr(wiring, "service", lambda: fake)
    monkeypatch.setattr(wiring, "logger", lambda: logger)
    return fake


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Metric]:
    metrics: list[Metric] = []
    monkeypatch.setattr(wiring, "count", metrics.append)
    return metrics


def a_batch(*bodies: object) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": str(number),
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1"},
                "eventSource": "aws:sqs",
            }
            for number, body in enumerate(bodies)
        ]
    }


def arrived(*keys: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": "uploads"}, "object": {"key": key, "versionId": "v1"}},
            }
            for key in keys
        ]
    }


def failures(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_every_object_of_every_record_is_scanned(service: FakeService) -> None:
    rescan = RescanRequest(bucket="uploads", key="c").model_dump(mode="json")

    answer = handler(a_batch(arrived("a", "b+%2B"), rescan), CONTEXT)

    assert failures(answer) == []
    assert service.seen == [("uploads", "a", "v1"), ("uploads", "b +", "v1"), ("uploads", "c", None)]


def test_fault_6_the_test_message_is_acknowledged(service: FakeService) -> None:
    assert failures(handler(a_batch({"Event": "s3:TestEvent"}), CONTEXT)) == []
    assert service.seen == []


@pytest.mark.parametrize(
    "poison", ["not json", "[]", '"text"', "{}", '{"Records": [{"eventName": "ObjectCreated:Put"}]}']
)
def test_fault_7_poison_fails_alone(service: FakeService, poison: str) -> None:
    assert failures(handler(a_batch(arrived("a"), poison, arrived("b")), CONTEXT)) == ["1"]
    assert [key for _, key, _ in service.seen] == ["a", "b"]


def test_fault_8_a_batch_that_fails_whole_is_named_record_by_record(service: FakeService) -> None:
    down = ScannerUnavailable("The virus scanner does not answer.")
    service.outcomes = {"a": down, "b": down}

    assert failures(handler(a_batch(arrived("a"), arrived("b")), CONTEXT)) == ["0", "1"]


def test_what_went_wrong_with_tracks_is_counted(service: FakeService, counted: list[Metric]) -> None:
    service.outcomes = {"a": Outcome.REJECTED, "b": Outcome.GONE, "c": Outcome.FAILED, "d": Outcome.DUPLICATE}

    handler(a_batch(arrived("a", "b", "c", "d")), CONTEXT)

    assert counted == [Metric.TRACK_REJECTED, Metric.OBJECT_GONE, Metric.TRACK_FAILED]
