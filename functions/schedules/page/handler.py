"""CloudFormation custom resource → PageService."""

from typing import Any, Final

from core.telemetry import LogEvent
from schedules import cloudformation
from schedules.page import wiring

PHYSICAL_ID: Final = "page"
"""Always the same, so that no update ever looks like a replacement."""


def handler(event: dict[str, Any], _context: object) -> None:
    """Publishes on Create and Update, empties the bucket on Delete so that it can go with its stack."""
    try:
        count = _obey(event)
    except Exception as error:  # noqa: BLE001 - logged, and a deployment must not wait an hour for an answer
        wiring.logger().exception(LogEvent.RECORD_FAILED)
        cloudformation.fail(event, PHYSICAL_ID, f"{type(error).__name__}: {error}")
        return
    wiring.logger().info(LogEvent.PAGE_PUBLISHED, extra={"files": count, "request": event["RequestType"]})
    cloudformation.succeed(event, PHYSICAL_ID, {"files": str(count)})


def _obey(event: dict[str, Any]) -> int:
    if event["RequestType"] == "Delete":
        return wiring.service().withdraw()
    archive = event["ResourceProperties"]
    return wiring.service().publish(archive["ArchiveBucket"], archive["ArchiveKey"])
