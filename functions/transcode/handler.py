"""SQS transcode queue → one track per record. The body is the EventBridge event around a TrackScanned envelope."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.domain.errors import VezaError
from core.domain.limits import QUEUE_MAX_RECEIVES
from core.messages import Envelope, TrackScanned
from core.telemetry import LogEvent, Metric
from transcode import wiring
from transcode.service import Outcome

COUNTED = {Outcome.REJECTED: Metric.TRACK_REJECTED, Outcome.FAILED: Metric.TRACK_FAILED}


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Returns the records that failed; SQS brings those again."""
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event, record_handler=_record, processor=processor, context=context))


def _record(record: SQSRecord) -> None:
    logger = wiring.logger()
    try:
        envelope = Envelope.model_validate(record.json_body["detail"])
        message = TrackScanned.model_validate(envelope.data)
        last_try = int(record.attributes.approximate_receive_count or 1) >= QUEUE_MAX_RECEIVES
        outcome = wiring.service().transcode_track(message, last_try=last_try)
        logger.info(LogEvent.TRANSCODE_FINISHED, track_id=message.track_id, attempt=message.attempt, outcome=outcome)
        if outcome in COUNTED:
            wiring.count(COUNTED[outcome])
    except Exception as error:
        known: dict[str, Any] = {"code": error.code, "detail": error.detail} if isinstance(error, VezaError) else {}
        logger.warning(LogEvent.RECORD_FAILED, **known, message_id=record.message_id, exc_info=not known)
        raise
