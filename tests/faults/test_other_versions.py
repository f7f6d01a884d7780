"""Fault 23: a deployment in mid-flight. Messages and rows of yesterday's and of tomorrow's code are understood."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from core.domain.tracks import StoredObject, Track, TrackState
from tests.faults.belt import Belt
from tests.faults.sounds import brief

EVENTS: Final = Path(__file__).parents[2] / "events"
NEW_IN_ROWS: Final = frozenset({"scanned_at", "scan_day"})
"""What rows did not have before there were rechecks."""


def golden_arrival(name: str, obj: StoredObject) -> dict[str, Any]:
    """A message of S3 as it is kept in events/, about this object."""
    message = json.loads((EVENTS / "inbound" / f"{name}.json").read_text())["Records"][0]
    body: dict[str, Any] = json.loads(message["body"])
    (record,) = body["Records"]
    record["s3"]["bucket"]["name"] = obj.bucket
    record["s3"]["object"] |= {"key": obj.key, "versionId": obj.version_id}
    return body


def yesterday_s3(obj: StoredObject) -> dict[str, Any]:
    """Just what the first version of the notification had."""
    (record,) = golden_arrival("scan.s3-put", obj)["Records"]
    stored = {"key": obj.key, "size": 1}
    record = {"eventVersion": "2.0", "eventName": record["eventName"], "s3": {"bucket": {"name": obj.bucket}}}
    return {"Records": [{**record, "s3": {**record["s3"], "object": stored}}]}


def tomorrow_s3(obj: StoredObject) -> dict[str, Any]:
    """More fields everywhere, and a kind of event that nobody here has heard of."""
    body = golden_arrival("scan.s3-complete-multipart", obj)
    (record,) = body["Records"]
    record["s3"]["object"]["checksum"] = {"type": "CRC64NVME"}
    stranger = {**record, "eventName": "ObjectAnnotated:Put"}
    return {**body, "schema": 3, "Records": [stranger, {**record, "eventVersion": "3.0", "trace": {"id": "x"}}]}


def yesterday_rescan(obj: StoredObject) -> dict[str, Any]:
    return {"kind": "rescan", "bucket": obj.bucket, "key": obj.key}


def tomorrow_rescan(obj: StoredObject) -> dict[str, Any]:
    return {**yesterday_rescan(obj), "priority": "low", "asked_by": "sweep"}


@pytest.mark.parametrize("shape", [yesterday_s3, tomorrow_s3, yesterday_rescan, tomorrow_rescan])
def test_fault_23_arrivals_of_other_versions_are_understood(
    belt: Belt, shape: Callable[[StoredObject], dict[str, Any]]
) -> None:
    track, obj = belt.workshop.arrived("song.wav", brief())

    belt.tell("scan", json.dumps(shape(obj)))
    belt.drain()

    assert belt.workshop.now(track).state is TrackState.READY
    assert belt.dead["scan"] == []


def order(track: Track, *, tomorrow: bool) -> dict[str, Any]:
    """The golden order to transcode, for this track."""
    envelope = json.loads((EVENTS / "outbound" / "track.scanned.v1.json").read_text())
    envelope["data"] |= {"track_id": track.id, "owner_id": track.owner_id, "attempt": 1}
    event = {"detail-type": "track.scanned.v1", "source": "veza", "detail": envelope}
    if tomorrow:
        envelope["data"]["genre"] = "jazz"
        envelope["trace_id"] = "x"
        event["replay-name"] = "monday"
    return event


@pytest.mark.parametrize("tomorrow", [False, True])
def test_fault_23_orders_to_transcode_of_other_versions_are_understood(belt: Belt, tomorrow: bool) -> None:
    track = belt.workshop.scanned("song.wav", brief())

    belt.tell("transcode", json.dumps(order(track, tomorrow=tomorrow)))
    belt.deliver("transcode")
    belt.drain()

    assert belt.workshop.now(track).state is TrackState.READY


def test_fault_23_rows_of_yesterday_are_worked_on(belt: Belt) -> None:
    shop = belt.workshop
    track, obj = shop.arrived("song.wav", brief())
    rewrite(belt, track, lambda row: {name: value for name, value in row.items() if name not in NEW_IN_ROWS})

    belt.arrival(obj)
    belt.deliver("scan")
    rewrite(belt, track, lambda row: {name: value for name, value in row.items() if name not in NEW_IN_ROWS})
    belt.drain()

    assert shop.now(track).state is TrackState.READY


def test_fault_23_rows_of_tomorrow_are_worked_on(belt: Belt) -> None:
    """After a roll-back, that is."""
    shop = belt.workshop
    track, obj = shop.arrived("song.wav", brief())
    rewrite(belt, track, lambda row: {**row, "mood": {"S": "blue"}})

    belt.arrival(obj)
    belt.drain()

    assert shop.now(track).state is TrackState.READY


def rewrite(belt: Belt, track: Track, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Changes a track's row as it lies in the table."""
    table, key = belt.workshop.tables["catalogue"], {"pk": {"S": f"track#{track.id}"}, "sk": {"S": "track"}}
    row = belt.workshop.dynamodb.get_item(TableName=table, Key=key)["Item"]
    belt.workshop.dynamodb.put_item(TableName=table, Item=change(dict(row)))
