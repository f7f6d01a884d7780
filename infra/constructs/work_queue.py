"""A queue of work with its dead letters."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

MAX_RECEIVES = 5
RETENTION = Duration.days(14)


class WorkQueue(Construct):
    """A message is tried `MAX_RECEIVES` times, `visibility` apart, then lies in `dead_letters` for 14 days.

    Both queues are encrypted by SQS.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, visibility: Duration, tls_only: bool) -> None:
        super().__init__(scope, construct_id)
        self.name = name
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=f"{name}-dead-letters",
            retention_period=RETENTION,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=tls_only,
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=name,
            visibility_timeout=visibility,
            retention_period=RETENTION,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=tls_only,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=MAX_RECEIVES),
        )
