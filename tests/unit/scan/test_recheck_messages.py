"""A RecheckRequest on the scan queue: told from arrivals, and brought to the right use case."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.domain.errors import InvalidInput, StorageUnavailable
from core.domain.ids import new_id
from core.messages.work import AttachmentRecheckRequest, RecheckRequest, RescanRequest
from core.telemetry import Metric, get_logger
from scan import wiring
from scan.arrivals import recheck_of
from scan.handler import handler
from scan.recheck import Recheck

CONTEXT = cast("LambdaContext", SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000))


def a_batch(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": str(number), "body": body, "attributes": {}, "eventSource": "aws:sqs"}
            for number, body in enumerate(bodies)
        ]
    }


def test_it_is_known_by_its_kind() -> None:
    for request in (RecheckRequest(track_id=new_id()), AttachmentRecheckRequest(attachment_id=new_id())):
        assert recheck_of(request.model_dump_json()) == request
    for other in (RescanRequest(bucket="b", key="k").model_dump_json(), '{"Records": []}', "[]", "7", "null"):
        assert recheck_of(other) is None


@pytest.mark.parametrize(
    "poison",
    ["", "no json", '{"kind": "recheck"}', '{"kind": "recheck-attachment"}', '{"kind": "recheck", "track_id": "../x"}'],
)
def test_7_poison_is_an_error(poison: str) -> None:
    with pytest.raises(InvalidInput) as error:
        recheck_of(poison)
    assert error.value.code == "message_unreadable"


def test_each_request_is_handled_and_a_failed_one_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    counted: list[Metric] = []
    logger = get_logger("scan")
    requests = [RecheckRequest(track_id=new_id()) for _ in range(3)]
    outcomes = {requests[0].track_id: Recheck.WITHDRAWN, requests[2].track_id: Recheck.CLEAN}

    def recheck(track_id: str) -> Recheck:
        asked.append(track_id)
        if track_id not in outcomes:
            raise StorageUnavailable("Storage can't answer at the moment.")
        return outcomes[track_id]

    monkeypatch.setattr(wiring, "rechecks", lambda: SimpleNamespace(recheck=recheck))
    monkeypatch.setattr(wiring, "logger", lambda: logger)
    monkeypatch.setattr(wiring, "count", counted.append)

    answer = handler(a_batch(*(request.model_dump_json() for request in requests)), CONTEXT)

    assert asked == [request.track_id for request in requests]
    assert answer["batchItemFailures"] == [{"itemIdentifier": "1"}]
    assert counted == [Metric.TRACK_REJECTED]


def test_one_of_an_attachment_is_of_another_use_case(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    counted: list[Metric] = []

    def recheck(attachment_id: str) -> Recheck:
        asked.append(attachment_id)
        return Recheck.WITHDRAWN

    monkeypatch.setattr(wiring, "attachment_rechecks", lambda: SimpleNamespace(recheck=recheck))
    monkeypatch.setattr(wiring, "logger", lambda: get_logger("scan"))
    monkeypatch.setattr(wiring, "count", counted.append)
    request = AttachmentRecheckRequest(attachment_id=new_id())
    assert handler(a_batch(request.model_dump_json()), CONTEXT)["batchItemFailures"] == []
    assert (asked, counted) == ([request.attachment_id], [Metric.ATTACHMENT_REFUSED])
