"""The page's files in the bucket behind the CDN."""

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from infra.constructs.private_bucket import PrivateBucket
from infra.constructs.python_function import FunctionPlatform, PythonFunction
from infra.packages import page_package
from infra.permissions import DELETE_OBJECTS, LIST_OBJECTS, READ_OBJECTS


class PageFiles(Construct):
    """The function `page`, run by the deployment whenever the page has changed: it unpacks the page into `bucket`.

    CDK's BucketDeployment would do it with the AWS command line under /opt, which the embedded cloud does not have, and
    with the right to do anything in the bucket.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, platform: FunctionPlatform, bucket: PrivateBucket
    ) -> None:
        super().__init__(scope, construct_id)
        archive = assets.Asset(self, "Archive", path=str(page_package()))
        self.function = PythonFunction(
            self,
            "Page",
            platform=platform,
            name="page",
            handler="schedules.page.handler.handler",
            settings={"web_bucket": bucket.name},
            timeout=Duration.minutes(1),
            memory_mb=512,
        )
        self.function.allow(*READ_OBJECTS, on=[archive.bucket.arn_for_objects(archive.s3_object_key)])
        self.function.allow(*READ_OBJECTS, *DELETE_OBJECTS, "s3:PutObject", on=[bucket.objects()])
        self.function.allow(*LIST_OBJECTS, "s3:ListBucketVersions", on=[bucket.arn])
        files = CustomResource(
            self,
            "Files",
            resource_type="Custom::PageFiles",
            service_token=self.function.function.function_arn,
            service_timeout=Duration.minutes(2),
            properties={"ArchiveBucket": archive.s3_bucket_name, "ArchiveKey": archive.s3_object_key},
        )
        files.node.add_dependency(self.function, bucket)
