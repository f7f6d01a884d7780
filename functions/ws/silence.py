"""SQS silence queue of a door → its doorkeeper, who ends what says nothing, and asks to look again at what does."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.domain.sockets import ConnectionId
from core.messages.work import SilenceCheck
from core.telemetry import LogEvent
from ws.desk import Desk


def look_after(event: dict[str, Any], context: LambdaContext, desk: Desk, logger: Logger) -> Any:
    def look(record: SQSRecord) -> None:
        try:
            check = SilenceCheck.model_validate_json(record.body)
            desk.look_after(ConnectionId(check.connection_id))
        except Exception:
            logger.exception(LogEvent.RECORD_FAILED, extra={"message_id": record.message_id})
            raise

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=look, processor=processor, context=context)
