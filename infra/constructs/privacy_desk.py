"""What people's rights over their data ask for: hide, erase, hand out; and the clock that says when to erase."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.constructs.python_function import FunctionPlatform, PythonFunction
from infra.constructs.queue_consumer import QueueConsumer
from infra.constructs.subscription import Subscription
from infra.constructs.work_queue import WorkQueue
from infra.permissions import (
    CHANGE_ROWS,
    DELETE_OBJECTS,
    FIND_ROWS,
    KEEP_ROWS,
    LIST_OBJECTS,
    READ_MANY_ROWS,
    READ_OBJECTS,
    READ_ROWS,
    WRITE_OBJECTS,
    WRITE_OUTBOX,
)
from infra.stacks.data import DataStack

MESSAGES = ("account.closing.v1", "account.kept.v1", "account.erasure-due.v1", "export.asked.v1")
TIMEOUT = Duration.minutes(15)
"""An export copies somebody's whole audio."""


class PrivacyDesk(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        platform: FunctionPlatform,
        data: DataStack,
        bus: events.EventBus,
        bus_source: str,
        work: WorkQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = self._function(platform, data)
        QueueConsumer(self, "Work", work=work, function=self.function, batch_size=1, concurrency=2)
        Subscription(self, "Asked", bus=bus, source=bus_source, detail_types=MESSAGES, work=work)
        self.closings = self._closings(platform, data)

    def _function(self, platform: FunctionPlatform, data: DataStack) -> PythonFunction:
        function = PythonFunction(
            self,
            "Privacy",
            platform=platform,
            name="privacy",
            handler="consumers.privacy.handler.handler",
            settings={
                "accounts_table": data.accounts.name,
                "catalogue_table": data.catalogue.name,
                "outbox_table": data.outbox.name,
                "audit_table": data.audit.name,
                "chat_table": data.chat.name,
                "realtime_table": data.realtime.name,
                "exports_bucket": data.exports.name,
                "attachments_bucket": data.attachments.name,
            },
            timeout=TIMEOUT,
            memory_mb=1769,
        )
        function.allow(*READ_ROWS, *CHANGE_ROWS, "dynamodb:DeleteItem", on=[data.accounts.arn])
        function.allow(*READ_ROWS, *CHANGE_ROWS, on=[data.catalogue.arn])
        function.allow(*FIND_ROWS, on=[data.catalogue.index_arn("by_owner"), data.audit.arn])
        function.allow(*READ_MANY_ROWS, *KEEP_ROWS, on=[data.chat.arn, data.realtime.arn])
        function.allow(*WRITE_OUTBOX, on=[data.outbox.arn])
        function.allow(*READ_OBJECTS, on=[data.originals.objects(), data.attachments.objects()])
        function.allow(*WRITE_OBJECTS, *DELETE_OBJECTS, on=[data.exports.objects()])
        function.allow(*LIST_OBJECTS, on=[data.originals.arn, data.attachments.arn])
        function.allow("s3:ListBucketVersions", on=[data.exports.arn])
        return function

    def _closings(self, platform: FunctionPlatform, data: DataStack) -> PythonFunction:
        closings = PythonFunction(
            self,
            "Closings",
            platform=platform,
            name="closings",
            handler="schedules.closings.handler.handler",
            settings={"accounts_table": data.accounts.name, "outbox_table": data.outbox.name},
            timeout=Duration.minutes(1),
            memory_mb=512,
        )
        closings.allow(*FIND_ROWS, on=[data.accounts.index_arn("by_closing")])
        closings.allow(*WRITE_OUTBOX, on=[data.outbox.arn])
        events.Rule(
            self,
            "EveryHour",
            schedule=events.Schedule.rate(Duration.hours(1)),
            targets=[targets.LambdaFunction(closings.function, retry_attempts=0)],
        )
        return closings
