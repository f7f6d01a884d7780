"""An SQS queue fed by an EventBridge rule. A body is the bus's event, its `detail` an Envelope."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.batches import each_record
from core.messages.envelope import Envelope
from core.telemetry import LogEvent


def each_fact(
    event: dict[str, Any],
    context: LambdaContext,
    serve: Callable[[Envelope], StrEnum],
    *,
    done: LogEvent,
    logger: Logger,
) -> dict[str, Any]:
    """What came of each is logged as `done`. Returns what failed, message by message; the queue brings it again."""

    def one(record: SQSRecord, about: dict[str, Any]) -> None:
        envelope = Envelope.model_validate(record.json_body["detail"])
        about |= {"event_id": envelope.id, "event_type": envelope.detail_type}
        outcome = serve(envelope)
        logger.info(done, extra=about | {"outcome": outcome.value})

    return each_record(event, context, one, logger)
