"""What a message on the scan queue says: which objects arrived."""

from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from core.messages import RescanRequest


class Arrival(NamedTuple):
    bucket: str
    key: str
    version_id: str | None


def arrivals(body: Any) -> list[Arrival]:
    """The objects named by an S3 notification or a RescanRequest; none for S3's test message and other events.

    Raises ValueError, KeyError or TypeError (pydantic's ValidationError is a ValueError) for what is neither.
    """
    if not isinstance(body, dict):
        raise TypeError("the message is no object")
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
