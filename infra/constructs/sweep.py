"""What finds tracks that got stuck, and purges those that were deleted."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.constructs.python_function import FunctionPlatform, PythonFunction
from infra.permissions import (
    CHANGE_ROWS,
    CLAIM_ROWS,
    DELETE_OBJECTS,
    FIND_ROWS,
    LIST_OBJECTS,
    READ_OBJECTS,
    READ_ROWS,
    WRITE_OUTBOX,
)
from infra.stacks.data import INCOMING, DataStack
from infra.stacks.media import MediaStack


class Sweep(Construct):
    """The function `sweep`, every five minutes."""

    def __init__(
        self, scope: Construct, construct_id: str, *, platform: FunctionPlatform, data: DataStack, media: MediaStack
    ) -> None:
        super().__init__(scope, construct_id)
        sweep = self.function = PythonFunction(
            self,
            "Sweep",
            platform=platform,
            name="sweep",
            handler="schedules.sweep.handler.handler",
            settings={
                "catalogue_table": data.catalogue.name,
                "chat_table": data.chat.name,
                "operations_table": data.operations.name,
                "outbox_table": data.outbox.name,
                "uploads_bucket": data.uploads.name,
                "originals_bucket": data.originals.name,
                "quarantine_bucket": data.quarantine.name,
                "media_bucket": media.media.name,
                "attachments_bucket": data.attachments.name,
                "definitions_bucket": data.definitions.name,
                "scan_queue_url": data.scan.queue.queue_url,
            },
            timeout=Duration.minutes(4),
            memory_mb=512,
        )
        sweep.allow(*READ_ROWS, *CHANGE_ROWS, "dynamodb:DeleteItem", on=[data.catalogue.arn])
        sweep.allow(*FIND_ROWS, on=[data.catalogue.index_arn("by_deadline"), data.catalogue.index_arn("by_scan_day")])
        sweep.allow("dynamodb:PutItem", "dynamodb:DeleteItem", on=[data.chat.arn])
        sweep.allow(*FIND_ROWS, on=[data.chat.index_arn("by_deadline"), data.chat.index_arn("by_scan_day")])
        sweep.allow(*READ_ROWS, *CLAIM_ROWS, on=[data.operations.arn])
        sweep.allow(*WRITE_OUTBOX, on=[data.outbox.arn])
        sweep.allow(*READ_OBJECTS, "s3:AbortMultipartUpload", on=[data.uploads.objects(INCOMING)])
        sweep.allow(
            *DELETE_OBJECTS,
            on=[
                data.uploads.objects(INCOMING),
                data.originals.objects(),
                data.attachments.objects(),
                data.quarantine.objects(),
                media.media.objects(),
            ],
        )
        sweep.allow(*LIST_OBJECTS, "s3:ListBucketVersions", on=[data.uploads.arn, data.originals.arn, media.media.arn])
        sweep.allow("s3:ListBucketVersions", on=[data.quarantine.arn, data.attachments.arn])
        sweep.allow(*READ_OBJECTS, on=[f"{data.definitions.arn}/definitions/current.json"])
        sweep.allow(*LIST_OBJECTS, on=[data.definitions.arn])
        sweep.allow("sqs:SendMessage", on=[data.scan.queue.queue_arn])
        events.Rule(
            self,
            "EveryFiveMinutes",
            schedule=events.Schedule.rate(Duration.minutes(5)),
            targets=[targets.LambdaFunction(sweep.function, retry_attempts=0)],
        )
