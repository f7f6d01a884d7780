"""The wire from a queue to the function that works on it."""

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs.python_function import PythonFunction
from infra.constructs.work_queue import WorkQueue


class QueueConsumer(Construct):
    """Hands `function` up to `batch_size` messages at a time, in at most `concurrency` calls at once (2 or more).

    The function answers which records failed; only those come back.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        work: WorkQueue,
        function: PythonFunction,
        batch_size: int,
        concurrency: int,
    ) -> None:
        super().__init__(scope, construct_id)
        function.allow(
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueAttributes",
            on=[work.queue.queue_arn],
        )
        mapping = lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function.function,
            event_source_arn=work.queue.queue_arn,
            batch_size=batch_size,
            max_concurrency=concurrency,
            report_batch_item_failures=True,
        )
        mapping.node.add_dependency(function.role)
