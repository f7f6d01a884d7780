"""SQS."""

from typing import TYPE_CHECKING

from core.adapters.faults import translated
from core.domain.errors import QueueUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsQueue:
    """Queue."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def send(self, body: str, *, delay_s: int = 0) -> None:
        with translated({}, or_else=QueueUnavailable("The queue can't take messages at the moment.")):
            self._client.send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=delay_s)
