"""SQS transcode queue → one track per record. The body is the EventBridge event around a TrackScanned envelope."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.messages.envelope import Envelope
from core.messages.tracks import TrackScanned
from transcode import wiring
from transcode.batch import Settled, process


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Returns the records that failed; SQS brings those again."""
    return process(event, context, _record, name="transcode")


def _record(record: SQSRecord, *, last_try: bool) -> Settled:
    envelope = Envelope.model_validate(record.json_body["detail"])
    message = TrackScanned.model_validate(envelope.data)
    outcome = wiring.service().transcode_track(message, last_try=last_try)
    return Settled(outcome, {"track_id": message.track_id, "attempt": message.attempt})
