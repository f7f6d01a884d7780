"""SQS chat-silence queue → what becomes of sockets that say nothing."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from ws.chat import wiring
from ws.silence import look_after


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return look_after(event, context, wiring.desk(), wiring.logger())
