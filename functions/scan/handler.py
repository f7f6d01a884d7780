"""SQS scan queue → objects that arrived (an S3 notification or a RescanRequest), or what to recheck.

What arrived is a track's file, or an attachment of a message; its key says which.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.domain.attachments import AttachmentId, parse_attachment_key
from core.domain.errors import VezaError
from core.domain.ids import TrackId
from core.messages.work import AttachmentRecheckRequest, RecheckRequest
from core.settings import in_sandbox
from core.telemetry import LogEvent, Metric
from scan import wiring
from scan.arrivals import arrivals, recheck_of
from scan.attachments import AttachmentOutcome
from scan.recheck import Recheck
from scan.service import Outcome

COUNTED: Mapping[StrEnum, Metric] = {
    Outcome.REJECTED: Metric.TRACK_REJECTED,
    Outcome.FAILED: Metric.TRACK_FAILED,
    Outcome.GONE: Metric.OBJECT_GONE,
    AttachmentOutcome.REFUSED: Metric.ATTACHMENT_REFUSED,
}


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Returns the records that failed; SQS brings those again."""
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event, record_handler=_record, processor=processor, context=context))


def _record(record: SQSRecord) -> None:
    logger = wiring.logger()
    try:
        request = recheck_of(record.body)
        if request is not None:
            _recheck(request)
            return
        for arrival in arrivals(record.body):
            scan = wiring.attachments() if parse_attachment_key(arrival.key) else wiring.service()
            outcome = scan.scan_object(arrival.bucket, arrival.key, arrival.version_id)
            logger.info(LogEvent.SCAN_FINISHED, key=arrival.key, version_id=arrival.version_id, outcome=outcome)
            if outcome in COUNTED:
                wiring.count(COUNTED[outcome])
    except Exception as error:
        known: dict[str, Any] = {"code": error.code, "detail": error.detail} if isinstance(error, VezaError) else {}
        logger.warning(LogEvent.RECORD_FAILED, **known, message_id=record.message_id, exc_info=not known)
        raise


def _recheck(request: RecheckRequest | AttachmentRecheckRequest) -> None:
    if isinstance(request, RecheckRequest):
        outcome = wiring.rechecks().recheck(TrackId(request.track_id))
        withdrawn = Metric.TRACK_REJECTED
    else:
        outcome = wiring.attachment_rechecks().recheck(AttachmentId(request.attachment_id))
        withdrawn = Metric.ATTACHMENT_REFUSED
    wiring.logger().info(LogEvent.SCAN_FINISHED, **request.model_dump(), outcome=outcome)
    if outcome is Recheck.WITHDRAWN:
        wiring.count(withdrawn)


if in_sandbox():
    # Lambda's init phase is the import of this module. Anywhere else, importing it does nothing.
    wiring.prepare()
