"""The wire from the outbox table's stream to the function that puts its rows on the bus."""

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.python_function import PythonFunction
from infra.constructs.table import Table
from infra.constructs.work_queue import RETENTION

INSERTED = {"eventName": lambda_.FilterRule.is_equal("INSERT")}


class OutboxRelay(Construct):
    """Only new rows are handed on (rows that expire are no news), in order, a failed record retried alone.

    After 24 h of failing, the place of the records in the stream is noted in `dead_letters`; the rows themselves stay
    in the table for seven days.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, outbox: Table, function: PythonFunction, tls_only: bool
    ) -> None:
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
        stream = outbox.table.table_stream_arn
        assert stream is not None
        function.allow("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", on=[stream])
        # ListStreams has no resource of its own to name.
        function.allow("dynamodb:ListStreams", on=["*"])
        mapping = lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function.function,
            event_source_arn=stream,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=50,
            bisect_batch_on_error=True,
            report_batch_item_failures=True,
            max_record_age=Duration.hours(24),
            on_failure=event_sources.SqsDlq(self.dead_letters),
            filters=[lambda_.FilterCriteria.filter(INSERTED)],
        )
        mapping.node.add_dependency(function.role)
