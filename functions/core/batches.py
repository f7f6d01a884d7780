"""A batch of an SQS queue, each record by itself: what fails is logged, and the queue brings it again."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.telemetry import LogEvent

Work = Callable[[SQSRecord, dict[str, Any]], None]
"""What is done with a record; it adds to the dict what it learns of it, for the log."""


def each_record(event: dict[str, Any], context: LambdaContext, work: Work, logger: Logger) -> dict[str, Any]:
    """Returns the records that failed, as SQS wants to hear it."""

    def watched(record: SQSRecord) -> None:
        about: dict[str, Any] = {"message_id": record.message_id}
        try:
            work(record, about)
        except Exception:
            logger.exception(LogEvent.RECORD_FAILED, extra=about)
            raise

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event, record_handler=watched, processor=processor, context=context))
