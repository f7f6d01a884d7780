"""What keeps ClamAV's definitions current."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs.private_bucket import PrivateBucket
from infra.constructs.python_function import FunctionPlatform, PythonFunction
from infra.constructs.table import Table
from infra.permissions import DELETE_OBJECTS, LIST_OBJECTS, READ_OBJECTS, WRITE_OBJECTS
from infra.stages import Stage

FOLDER = "definitions/"


class DefinitionsRefresh(Construct):
    """The function `definitions`, every three hours and never twice at a time, with the room that clamscan needs."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        platform: FunctionPlatform,
        stage: Stage,
        bucket: PrivateBucket,
        operations: Table,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Definitions",
            platform=platform,
            name="definitions",
            handler="schedules.definitions.handler.handler",
            settings={
                "operations_table": operations.name,
                "definitions_bucket": bucket.name,
                "definitions_mirror": stage.definitions_mirror,
                "freshclam": stage.freshclam,
                "clamscan": stage.clamscan,
            },
            timeout=Duration.minutes(15),
            memory_mb=3008,
            tmp_mb=4096,
            engine="clamav",
        )
        resource = self.function.function.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)
        resource.reserved_concurrent_executions = 1
        self.function.allow(*READ_OBJECTS, *WRITE_OBJECTS, *DELETE_OBJECTS, on=[bucket.objects(FOLDER)])
        self.function.allow(*LIST_OBJECTS, "s3:ListBucketVersions", on=[bucket.arn])
        self.function.allow("dynamodb:PutItem", on=[operations.arn])
        events.Rule(
            self,
            "EveryThreeHours",
            schedule=events.Schedule.rate(Duration.hours(3)),
            targets=[targets.LambdaFunction(self.function.function, retry_attempts=0)],
        )
