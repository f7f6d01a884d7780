"""Which objects a message on the scan queue names."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidInput
from core.messages.work import RescanRequest
from scan.arrivals import Arrival, arrivals, recheck_of

EVENTS = Path(__file__).parents[3] / "events" / "inbound"


def a_notification(*keys: str, event: str = "ObjectCreated:Put", version: str | None = "v1") -> str:
    def record(key: str) -> dict[str, Any]:
        stored = {"key": quote_plus(key), "size": 4, "eTag": "e"} | ({"versionId": version} if version else {})
        return {"eventName": event, "eventSource": "aws:s3", "s3": {"bucket": {"name": "uploads"}, "object": stored}}

    return json.dumps({"Records": [record(key) for key in keys]})


@given(st.text(min_size=1))
def test_fault_5_keys_are_decoded_exactly_once(key: str) -> None:
    assert arrivals(a_notification(key)) == [Arrival("uploads", key, "v1")]


@pytest.mark.parametrize("key", ["a b", "a+b", "100%25", "été/%2B", "\u6b4c"])
def test_fault_5_awkward_keys(key: str) -> None:
    assert arrivals(a_notification(key))[0].key == key


def test_fault_6_several_records_in_one_message() -> None:
    assert [arrival.key for arrival in arrivals(a_notification("a", "b"))] == ["a", "b"]


def test_fault_6_the_end_of_a_multipart_upload_is_an_arrival() -> None:
    assert arrivals(a_notification("a", event="ObjectCreated:CompleteMultipartUpload"))


def test_fault_6_the_test_message_of_s3_names_nothing() -> None:
    assert arrivals('{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "uploads"}') == []


def test_removals_are_no_arrivals() -> None:
    assert arrivals(a_notification("a", event="ObjectRemoved:Delete")) == []


def test_a_bucket_without_versions_names_none() -> None:
    assert arrivals(a_notification("a", version=None)) == [Arrival("uploads", "a", None)]


def test_a_rescan_asks_for_the_newest_version() -> None:
    request = RescanRequest(bucket="uploads", key="a")

    assert arrivals(request.model_dump_json()) == [Arrival("uploads", "a", None)]


@pytest.mark.parametrize(
    "poison", ["", "{}", "[]", '"text"', "null", "7", '{"Records": [{}]}', '{"Records": 7}', '{"kind": "x"}']
)
def test_fault_7_poison_is_an_error_and_no_guess(poison: str) -> None:
    with pytest.raises(InvalidInput) as error:
        arrivals(poison)

    assert error.value.code == "message_unreadable"


@pytest.mark.parametrize("path", sorted(EVENTS.glob("scan.*.json")), ids=lambda path: path.stem)
def test_the_recorded_events_are_understood(path: Path) -> None:
    bodies = [record["body"] for record in json.loads(path.read_text())["Records"]]

    named = [it for body in bodies for it in ([recheck_of(body)] if recheck_of(body) else arrivals(body))]

    assert bool(named) is ("test-event" not in path.stem)
