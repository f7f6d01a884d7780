"""What both workers of this room do with a batch: each record by itself, its outcome logged and counted."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, Protocol

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.domain.errors import VezaError
from core.domain.limits import QUEUE_MAX_RECEIVES
from core.telemetry import LogEvent, Metric
from transcode import wiring
from transcode.work import Outcome

COUNTED: Final = {Outcome.REJECTED: Metric.TRACK_REJECTED, Outcome.FAILED: Metric.TRACK_FAILED}


class Settled(NamedTuple):
    outcome: Outcome
    about: dict[str, Any]
    """Fields for the log."""


class Record(Protocol):
    def __call__(self, record: SQSRecord, *, last_try: bool) -> Settled: ...


def process(event: dict[str, Any], context: LambdaContext, settle: Record, *, name: str) -> dict[str, Any]:
    """Returns the records that failed, as SQS wants to hear it."""
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    handler: Callable[[SQSRecord], None] = lambda record: _one(record, settle, name)  # noqa: E731
    return dict(process_partial_response(event, record_handler=handler, processor=processor, context=context))


def _one(record: SQSRecord, settle: Record, name: str) -> None:
    logger = wiring.logger(name)
    try:
        last_try = int(record.attributes.approximate_receive_count or 1) >= QUEUE_MAX_RECEIVES
        outcome, about = settle(record, last_try=last_try)
        logger.info(LogEvent.TRANSCODE_FINISHED, **about, outcome=outcome)
        if outcome in COUNTED:
            wiring.count(COUNTED[outcome], name)
    except Exception as error:
        known: dict[str, Any] = {"code": error.code, "detail": error.detail} if isinstance(error, VezaError) else {}
        logger.warning(LogEvent.RECORD_FAILED, **known, message_id=record.message_id, exc_info=not known)
        raise
