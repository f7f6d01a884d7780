"""SQS silence queue of a door → its doorkeeper, who ends what says nothing, and asks to look again at what does."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from core.batches import each_record
from core.domain.sockets import ConnectionId
from core.messages.work import SilenceCheck
from ws.desk import Desk


def look_after(event: dict[str, Any], context: LambdaContext, desk: Desk, logger: Logger) -> dict[str, Any]:
    def look(record: SQSRecord, _about: dict[str, Any]) -> None:
        check = SilenceCheck.model_validate_json(record.body)
        desk.look_after(ConnectionId(check.connection_id))

    return each_record(event, context, look, logger)
