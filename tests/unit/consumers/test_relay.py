"""The relay publishes new outbox rows and reports those the bus refused, by their place in the stream."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from consumers.relay import handler as relay
from consumers.relay import wiring
from consumers.relay.service import RelayService
from core.domain.errors import QueueUnavailable
from core.domain.ids import new_id
from core.messages.tracks import TrackScanned
from core.store.outbox import puts_of
from tests.builders import NOW
from tests.fakes.bus import FakeBus


def a_record(sequence: str, **changes: Any) -> dict[str, Any]:
    """A stream record of a new outbox row, as DynamoDB sends it."""
    event = TrackScanned(track_id=new_id(), owner_id=new_id(), attempt=1)
    (put,) = puts_of([event], "outbox", NOW)
    image = put.row.serialize()
    change = {"Keys": {"pk": image["pk"]}, "NewImage": image, "SequenceNumber": sequence}
    return {"eventName": "INSERT", "dynamodb": change, **changes}


def id_of(record: dict[str, Any]) -> str:
    return str(record["dynamodb"]["NewImage"]["pk"]["S"])


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBus]:
    bus = FakeBus()
    monkeypatch.setattr(wiring, "service", lambda: RelayService(bus=bus))
    yield bus
    wiring.logger.cache_clear()
    wiring.metrics.cache_clear()


def run(*records: dict[str, Any]) -> list[str]:
    answer = relay.handler({"Records": list(records)}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_new_rows_go_out_in_order(bus: FakeBus) -> None:
    records = [a_record("1"), a_record("2")]
    assert run(*records) == []
    assert [envelope.id for envelope in bus.published] == [id_of(record) for record in records]


def test_rows_that_expire_are_no_news(bus: FakeBus) -> None:
    assert run(a_record("1", eventName="REMOVE"), a_record("2", eventName="MODIFY")) == []
    assert bus.published == []


def test_7_a_refused_record_comes_back_alone(bus: FakeBus) -> None:
    records = [a_record("1"), a_record("2"), a_record("3")]
    bus.refuses = {id_of(records[1])}
    assert run(*records) == ["2"]
    assert [envelope.id for envelope in bus.published] == [id_of(records[0]), id_of(records[2])]


def test_8_a_bus_that_is_away_brings_the_whole_batch_again(bus: FakeBus) -> None:
    bus.fault = QueueUnavailable("The bus does not answer.")
    with pytest.raises(QueueUnavailable):
        run(a_record("1"), a_record("2"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pk", {"S": "no-id"}),
        ("type", {"BOOL": True}),
        ("version", {"S": "one"}),
        ("occurred_at", None),
        ("data", {"S": "{broken"}),
        ("data", {"S": "[]"}),
    ],
)
def test_7_a_broken_row_is_counted_and_blocks_nobody(
    bus: FakeBus, capsys: pytest.CaptureFixture[str], field: str, value: Any
) -> None:
    broken, whole = a_record("1"), a_record("2")
    broken["dynamodb"]["NewImage"] |= {field: value}
    assert run(broken, whole) == []
    assert [envelope.id for envelope in bus.published] == [id_of(whole)]
    counted = [json.loads(line).get("OutboxRowBroken") for line in capsys.readouterr().out.splitlines()]
    assert [1.0] in counted
