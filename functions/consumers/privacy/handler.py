"""Privacy queue → PrivacyDesk."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from consumers.facts import each_fact
from consumers.privacy import wiring
from core.telemetry import LogEvent


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Returns what could not be done."""
    serve = wiring.desk().serve
    return each_fact(event, context, serve, done=LogEvent.PRIVACY_SERVED, logger=wiring.logger())
