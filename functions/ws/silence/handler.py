"""SQS silence queue → the doorkeeper, who ends what says nothing, and asks to look again at what does."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.domain.sockets import ConnectionId
from core.messages import SilenceCheck
from core.telemetry import LogEvent
from ws.chat import wiring


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=_look, processor=processor, context=context)


def _look(record: SQSRecord) -> None:
    extra = {"message_id": record.message_id}
    try:
        check = SilenceCheck.model_validate_json(record.body)
        wiring.desk().look_after(ConnectionId(check.connection_id))
    except Exception:
        wiring.logger().exception(LogEvent.RECORD_FAILED, extra=extra)
        raise
