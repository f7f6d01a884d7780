"""SQS deliveries queue → DeliveryService."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.batches import each_record
from core.messages.work import Delivery
from core.telemetry import LogEvent, Metric, count
from ws.deliveries import wiring
from ws.deliveries.service import Outcome


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Returns what failed for another reason than a busy gateway."""
    return each_record(event, context, _deliver, wiring.logger())


def _deliver(record: SQSRecord, about: dict[str, Any]) -> None:
    outcome, sockets = wiring.service().deliver(Delivery.model_validate_json(record.body))
    if outcome is Outcome.DROPPED:
        count(wiring.metrics(), Metric.FRAME_DROPPED, sockets)
    wiring.logger().info(LogEvent.FRAMES_DELIVERED, extra=about | {"outcome": outcome.value, "sockets": sockets})
