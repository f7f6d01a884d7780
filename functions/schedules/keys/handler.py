"""CloudFormation custom resource, a schedule, or a plain invocation → KeyService."""

from typing import Any, Final

from core.telemetry import LogEvent
from schedules import cloudformation
from schedules.keys import wiring

PHYSICAL_ID: Final = "signing-key"
"""Always the same, so that no update ever looks like a replacement."""


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Creates the key on Create and Update if it is missing. Delete leaves it: it goes with its secret."""
    if event.get("detail-type") == "Scheduled Event":
        return _rotate()
    if not cloudformation.is_request(event):
        return _ensure()
    if event["RequestType"] == "Delete":
        cloudformation.succeed(event, PHYSICAL_ID, {})
        return {}
    try:
        ensured = _ensure()
    except Exception as error:  # noqa: BLE001 - logged, and a deployment must not wait an hour for an answer
        wiring.logger().exception(LogEvent.RECORD_FAILED)
        cloudformation.fail(event, PHYSICAL_ID, f"{type(error).__name__}: {error}")
        return {}
    cloudformation.succeed(event, PHYSICAL_ID, {"kid": ensured["kid"]})
    return ensured


def _rotate() -> dict[str, Any]:
    outcome = wiring.service().rotate()
    event = LogEvent.SIGNING_KEY_ROTATED if outcome.rotated else LogEvent.SIGNING_KEY_KEPT
    wiring.logger().info(event, extra={"kid": outcome.kid})
    return {"kid": outcome.kid, "rotated": outcome.rotated}


def _ensure() -> dict[str, Any]:
    ensured = wiring.service().ensure()
    event = LogEvent.SIGNING_KEY_CREATED if ensured.created else LogEvent.SIGNING_KEY_KEPT
    wiring.logger().info(event, extra={"kid": ensured.kid})
    return {"kid": ensured.kid, "created": ensured.created}
