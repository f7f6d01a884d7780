"""A queue of work with its dead letters."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.stages import Stage

MAX_RECEIVES = 5
RETENTION = Duration.days(14)


class WorkQueue(Construct):
    """A message is tried `MAX_RECEIVES` times, then lies in `dead_letters` for 14 days.

    How far apart is the stage's matter, by the `timeout` of the function that works on it. Both queues are encrypted
    by SQS.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, name: str, timeout: Duration) -> None:
        super().__init__(scope, construct_id)
        self.name = f"veza-{stage.name}-{name}"
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=f"{self.name}-dead-letters",
            retention_period=RETENTION,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=stage.tls_only,
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=self.name,
            visibility_timeout=stage.visibility(timeout),
            retention_period=RETENTION,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=stage.tls_only,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=MAX_RECEIVES),
        )
