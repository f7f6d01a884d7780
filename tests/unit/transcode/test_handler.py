"""The batch: what is acknowledged, what comes again, what is the last try."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.domain.errors import EncoderFailed
from core.domain.ids import new_id
from core.domain.limits import QUEUE_MAX_RECEIVES
from core.messages.envelope import Envelope
from core.messages.tracks import TrackScanned
from tests.builders import NOW
from transcode import wiring
from transcode.handler import handler
from transcode.work import Outcome

REPOSITORY = Path(__file__).parents[3]


@dataclass
class Service:
    """Takes every message; `broken` are the tracks on which the encoder fails."""

    broken: set[str] = field(default_factory=set)
    taken: list[tuple[TrackScanned, bool]] = field(default_factory=list)

    def transcode_track(self, message: TrackScanned, *, last_try: bool) -> Outcome:
        self.taken.append((message, last_try))
        if message.track_id in self.broken:
            raise EncoderFailed("ffmpeg hung")
        return Outcome.READY


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    made = Service()
    monkeypatch.setattr(wiring, "service", lambda: made)
    return made


def a_message() -> TrackScanned:
    return TrackScanned(track_id=new_id(), owner_id=new_id(), attempt=1)


def a_record(message: TrackScanned | None, *, received: int = 1) -> dict[str, Any]:
    """As SQS brings it: the body is the bus's event; without a message a body nobody can read."""
    body: dict[str, Any] = {"poison": True}
    if message is not None:
        envelope = Envelope(
            id=new_id(), type=message.type, version=message.version, occurred_at=NOW, data=message.model_dump()
        )
        body = {
            "version": "0",
            "source": "veza",
            "detail-type": envelope.detail_type,
            "detail": envelope.model_dump(mode="json"),
        }
    return {
        "messageId": new_id(),
        "receiptHandle": "handle",
        "body": json.dumps(body),
        "attributes": {"ApproximateReceiveCount": str(received)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "awsRegion": "eu-central-1",
    }


def handled(*records: dict[str, Any]) -> list[str]:
    """The ids of the records that failed."""
    answer = handler({"Records": list(records)}, LambdaContext())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_every_record_of_a_batch_is_transcoded(service: Service) -> None:
    messages = [a_message(), a_message()]

    assert handled(*(a_record(message) for message in messages)) == []
    assert [taken for taken, _ in service.taken] == messages


def test_fault_7_a_poison_message_spoils_no_other(service: Service) -> None:
    message, poison = a_message(), a_record(None)

    assert handled(poison, a_record(message)) == [poison["messageId"]]
    assert [taken for taken, _ in service.taken] == [message]


def test_fault_8_a_batch_in_which_all_fail_is_reported_record_by_record(service: Service) -> None:
    messages = [a_message(), a_message()]
    service.broken = {message.track_id for message in messages}
    records = [a_record(message) for message in messages]

    assert handled(*records) == [record["messageId"] for record in records]


@pytest.mark.parametrize(
    ("received", "last"), [(1, False), (QUEUE_MAX_RECEIVES - 1, False), (QUEUE_MAX_RECEIVES, True)]
)
def test_the_last_receive_is_the_last_try(service: Service, received: int, *, last: bool) -> None:
    handled(a_record(a_message(), received=received))

    assert [last_try for _, last_try in service.taken] == [last]


def test_the_event_of_the_repository_is_understood(service: Service) -> None:
    event = json.loads((REPOSITORY / "events/inbound/transcode.track-scanned.json").read_text(encoding="utf-8"))

    assert handler(event, LambdaContext()) == {"batchItemFailures": []}
    assert len(service.taken) == len(event["Records"])
