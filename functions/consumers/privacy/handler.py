"""SQS queue fed by an EventBridge rule → PrivacyDesk. A body is the bus's event, its `detail` an Envelope."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from consumers.privacy import wiring
from core.messages.envelope import Envelope
from core.telemetry import LogEvent


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Reports what could not be done, message by message; the queue brings it again."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=_serve, processor=processor, context=context)


def _serve(record: SQSRecord) -> None:
    extra = {"message_id": record.message_id}
    try:
        envelope = Envelope.model_validate(record.json_body["detail"])
        extra |= {"event_id": envelope.id, "event_type": envelope.detail_type}
        outcome = wiring.desk().serve(envelope)
    except Exception:
        wiring.logger().exception(LogEvent.RECORD_FAILED, extra=extra)
        raise
    wiring.logger().info(LogEvent.PRIVACY_SERVED, extra=extra | {"outcome": outcome.value})
