"""Mail queue → MailService."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from consumers.facts import each_fact
from consumers.mail import wiring
from core.telemetry import LogEvent


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Returns the letters that could not be sent."""
    tell = wiring.service().tell
    return each_fact(event, context, tell, done=LogEvent.MAIL_SENT, logger=wiring.logger())
