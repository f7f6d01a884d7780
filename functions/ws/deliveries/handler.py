"""SQS deliveries queue → DeliveryService."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.messages.work import Delivery
from core.telemetry import LogEvent, Metric, count
from ws.deliveries import wiring
from ws.deliveries.service import Outcome


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Reports what failed for another reason than a busy gateway; the queue brings it again."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=_deliver, processor=processor, context=context)


def _deliver(record: SQSRecord) -> None:
    extra = {"message_id": record.message_id}
    try:
        outcome, sockets = wiring.service().deliver(Delivery.model_validate_json(record.body))
    except Exception:
        wiring.logger().exception(LogEvent.RECORD_FAILED, extra=extra)
        raise
    if outcome is Outcome.DROPPED:
        count(wiring.metrics(), Metric.FRAME_DROPPED, sockets)
    wiring.logger().info(LogEvent.FRAMES_DELIVERED, extra=extra | {"outcome": outcome.value, "sockets": sockets})
