"""SQS parts queue → one part of a track per record. The body is a PartRequest."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.messages.work import PartRequest
from transcode import wiring
from transcode.batch import Settled, process


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Returns the records that failed; SQS brings those again."""
    return process(event, context, _record, name="parts")


def _record(record: SQSRecord, *, last_try: bool) -> Settled:
    message = PartRequest.model_validate_json(record.body)
    outcome = wiring.part_encoder().encode_part(message, last_try=last_try)
    return Settled(outcome, {"track_id": message.track_id, "attempt": message.attempt, "part": message.number})
