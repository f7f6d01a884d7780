"""SQS queue fed by an EventBridge rule → MailService. A body is the bus's event, its `detail` an Envelope."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from consumers.mail import wiring
from core.messages.envelope import Envelope
from core.telemetry import LogEvent


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Reports the letters that could not be sent, message by message; the queue brings them again."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=_tell, processor=processor, context=context)


def _tell(record: SQSRecord) -> None:
    extra = {"message_id": record.message_id}
    try:
        envelope = Envelope.model_validate(record.json_body["detail"])
        extra |= {"event_id": envelope.id, "event_type": envelope.detail_type}
        outcome = wiring.service().tell(envelope)
    except Exception:
        wiring.logger().exception(LogEvent.RECORD_FAILED, extra=extra)
        raise
    wiring.logger().info(LogEvent.MAIL_SENT, extra=extra | {"outcome": outcome.value})
