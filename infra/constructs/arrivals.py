"""The announcement of every object that arrives in a bucket."""

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.work_queue import WorkQueue


class Arrivals(Construct):
    """Puts an S3 event for every object created below `prefix` on the queue.

    Written into the bucket itself, not set by a custom resource afterwards: no function with rights on every bucket,
    and no moment in which a bucket takes objects unannounced. S3 tests the queue when the bucket is made, so the
    queue's policy names the bucket by `bucket_name` before it exists.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket: s3.Bucket,
        bucket_name: str,
        prefix: str,
        work: WorkQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        work.queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[work.queue.queue_arn],
                conditions={
                    "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{bucket_name}"},
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                },
            )
        )
        resource = bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            queue_configurations=[
                s3.CfnBucket.QueueConfigurationProperty(
                    event="s3:ObjectCreated:*",
                    queue=work.queue.queue_arn,
                    filter=s3.CfnBucket.NotificationFilterProperty(
                        s3_key=s3.CfnBucket.S3KeyFilterProperty(
                            rules=[s3.CfnBucket.FilterRuleProperty(name="prefix", value=prefix)]
                        )
                    ),
                )
            ]
        )
        resource.node.add_dependency(work)
