"""The custom-resource protocol: CloudFormation waits, up to an hour, until its ResponseURL is answered.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any, Final

TIMEOUT_S: Final = 10
_REASON_MAX: Final = 400
"""A whole answer may have 4,096 bytes."""


def is_request(event: Mapping[str, Any]) -> bool:
    """Whether CloudFormation asks; anything else is a plain invocation."""
    return "RequestType" in event and "ResponseURL" in event


def succeed(event: Mapping[str, Any], physical_id: str, data: Mapping[str, str]) -> None:
    """Answers SUCCESS; `data` can be read by the template. Raises OSError if the answer does not arrive."""
    _answer(event, {"Status": "SUCCESS", "PhysicalResourceId": physical_id, "Data": dict(data)})


def fail(event: Mapping[str, Any], physical_id: str, reason: str) -> None:
    """Answers FAILED, so that the deployment stops at once and says why."""
    _answer(event, {"Status": "FAILED", "PhysicalResourceId": physical_id, "Reason": reason[:_REASON_MAX]})


def _answer(event: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    echoed = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    request = urllib.request.Request(  # noqa: S310 - the address comes from CloudFormation itself
        event["ResponseURL"],
        data=json.dumps({**echoed, **answer}).encode(),
        method="PUT",
        headers={"Content-Type": ""},  # the address is signed for an empty one
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310
        pass
