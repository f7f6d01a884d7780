"""What a message on the scan queue says: which objects arrived, or what is to be scanned again."""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_plus

from core.domain.errors import InvalidInput
from core.messages.work import AttachmentRecheckRequest, RecheckRequest, RescanRequest


class Arrival(NamedTuple):
    bucket: str
    key: str
    version_id: str | None


def arrivals(message: str) -> list[Arrival]:
    """The objects named by an S3 notification or a RescanRequest; none for S3's test message and other events.

    Raises InvalidInput(`message_unreadable`) for what is neither.
    """
    try:
        return _named(json.loads(message))
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # pydantic's ValidationError is a ValueError
        raise InvalidInput("The message names no arrived object.", code="message_unreadable") from error


RECHECKS: Final[Mapping[object, type[RecheckRequest | AttachmentRecheckRequest]]] = {
    "recheck": RecheckRequest,
    "recheck-attachment": AttachmentRecheckRequest,
}


def recheck_of(message: str) -> RecheckRequest | AttachmentRecheckRequest | None:
    """The request for a recheck that the message is, None for any other. Raises InvalidInput for one that is broken."""
    try:
        body = json.loads(message)
        kind = RECHECKS.get(body.get("kind")) if isinstance(body, dict) else None
        return None if kind is None else kind.model_validate(body)
    except ValueError as error:
        raise InvalidInput("The message names nothing to scan.", code="message_unreadable") from error


def _named(body: Any) -> list[Arrival]:
    if "Records" in body:
        return [_arrival(record) for record in body["Records"] if record["eventName"].startswith("ObjectCreated:")]
    if body.get("Event") == "s3:TestEvent":
        return []
    request = RescanRequest.model_validate(body)
    return [Arrival(request.bucket, request.key, None)]


def _arrival(record: dict[str, Any]) -> Arrival:
    """Keys are form-encoded in notifications, once (Amazon S3 User Guide, event message structure)."""
    stored = record["s3"]["object"]
    return Arrival(record["s3"]["bucket"]["name"], unquote_plus(stored["key"]), stored.get("versionId"))
