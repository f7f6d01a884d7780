"""A bucket nobody reaches but by a grant."""

from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct


class PrivateBucket(Construct):
    """No public access, no ACLs, encrypted by S3. `keep` retains the objects when the stack goes."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        keep: bool,
        tls_only: bool,
        versioned: bool,
        lifecycle: Sequence[s3.LifecycleRule] = (),
        cors: Sequence[s3.CorsRule] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=name,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=tls_only,
            minimum_tls_version=1.2 if tls_only else None,
            versioned=versioned,
            lifecycle_rules=list(lifecycle),
            cors=list(cors),
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if keep else RemovalPolicy.DESTROY,
        )

    @property
    def name(self) -> str:
        return self.bucket.bucket_name

    @property
    def arn(self) -> str:
        return self.bucket.bucket_arn

    def objects(self, prefix: str = "") -> str:
        """ARN of every object whose key starts with `prefix`."""
        return f"{self.bucket.bucket_arn}/{prefix}*"
