"""What must not be lost: tables, the originals and the doors they come in by."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.constructs.arrivals import Arrivals
from infra.constructs.outputs import Outputs
from infra.constructs.private_bucket import PrivateBucket
from infra.constructs.secret_arn import whole_arn
from infra.constructs.table import Index, N, S, Table
from infra.constructs.work_queue import WorkQueue
from infra.stages import Stage

INCOMING = "incoming/"
INCOMING_ATTACHMENTS = f"{INCOMING}attachments/"
FORGET_EXPORTS = s3.LifecycleRule(expiration=Duration.days(8), noncurrent_version_expiration=Duration.days(1))
"""A day after the last link to one has expired (EXPORT_KEEP_S)."""
SCAN_TIMEOUT = Duration.minutes(10)
FORGET_UNFINISHED = s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(2))
FORGET_ARRIVED = s3.LifecycleRule(
    # By then an arrival was promoted to the originals, refused, or has failed long enough to be sent again.
    prefix=INCOMING,
    expiration=Duration.days(14),
    noncurrent_version_expiration=Duration.days(7),
)


class DataStack(Stack):
    """The scan queue lies here because the uploads bucket announces every arrival to it."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, page_url: str) -> None:
        super().__init__(scope, construct_id, env=stage.environment, termination_protection=stage.keep_data)
        self._make_tables(stage)
        self._make_secrets(stage)
        self._make_buckets(stage, page_url)
        self._announce_uploads(stage)
        self._output()

    def _make_tables(self, stage: Stage) -> None:
        def table(
            noun: str, *, single_key: bool = False, streamed: bool = False, indexes: tuple[Index, ...] = ()
        ) -> Table:
            return Table(
                self,
                noun.capitalize(),
                name=f"veza-{stage.name}-{noun}",
                keep=stage.keep_data,
                single_key=single_key,
                streamed=streamed,
                indexes=indexes,
            )

        self.accounts = table(
            "accounts", indexes=(Index(name="by_closing", partition=("closing_group", S), sort=("closing_at", N)),)
        )
        self.catalogue = table(
            "catalogue",
            indexes=(
                Index(name="by_owner", partition=("owner_id", S), sort=("id", S)),
                Index(name="by_deadline", partition=("due_shard", S), sort=("deadline", N)),
                Index(name="by_scan_day", partition=("scan_day", S), sort=("track_id", S)),
            ),
        )
        self.operations = table("operations")
        self.outbox = table("outbox", single_key=True, streamed=True)
        self.counters = table("counters", single_key=True)
        self.chat = table(
            "chat",
            indexes=(
                Index(name="by_deadline", partition=("due_shard", S), sort=("deadline", N)),
                Index(name="by_scan_day", partition=("scan_day", S), sort=("attachment_id", S)),
            ),
        )
        self.realtime = table("realtime")
        self.audit = table("audit", indexes=(Index(name="by_day", partition=("day", S), sort=("sk", S)),))

    def _make_secrets(self, stage: Stage) -> None:
        """The signing keys' secret starts without a value: the `keys` function makes the first pair."""
        self.jwt_secret = secretsmanager.CfnSecret(
            self,
            "JwtSecret",
            name=f"veza-{stage.name}-jwt",
            description="RSA keys that sign access tokens; written by the keys function alone",
        )
        self.jwt_secret.apply_removal_policy(RemovalPolicy.RETAIN if stage.keep_data else RemovalPolicy.DESTROY)

        self.oauth_secret = secretsmanager.CfnSecret(
            self,
            "OAuthSecret",
            name=f"veza-{stage.name}-oauth",
            description="Credentials of identity providers, filled in by hand (docs/runbooks/providers.md)",
            secret_string="{}",  # noqa: S106 - none yet
        )
        self.oauth_secret.apply_removal_policy(RemovalPolicy.RETAIN if stage.keep_data else RemovalPolicy.DESTROY)
        self.turn_secret = secretsmanager.Secret(
            self,
            "TurnSecret",
            secret_name=f"veza-{stage.name}-turn",
            description="Shared with the TURN servers of calls: their static-auth-secret",
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=48, exclude_punctuation=True),
            removal_policy=RemovalPolicy.RETAIN if stage.keep_data else RemovalPolicy.DESTROY,
        )
        self.sealing_key = kms.Key(
            self,
            "SealingKey",
            alias=f"veza-{stage.name}-sealing",
            description="Seals what we must be able to read again: secrets of second factors, tokens of providers",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN if stage.keep_data else RemovalPolicy.DESTROY,
        )

    @property
    def turn_secret_arn(self) -> str:
        return whole_arn(self.turn_secret)

    def _make_buckets(self, stage: Stage, page_url: str) -> None:
        def bucket(noun: str, *lifecycle: s3.LifecycleRule, cors: Sequence[s3.CorsRule] = ()) -> PrivateBucket:
            return PrivateBucket(
                self,
                noun.capitalize(),
                name=stage.bucket_name(noun),
                keep=stage.keep_data,
                tls_only=stage.tls_only,
                versioned=True,
                lifecycle=[FORGET_UNFINISHED, *lifecycle],
                cors=cors,
            )

        from_the_page = s3.CorsRule(
            allowed_origins=[page_url],
            allowed_methods=[s3.HttpMethods.PUT],
            allowed_headers=["*"],
            exposed_headers=["ETag"],
            max_age=3600,
        )
        self.uploads = bucket("uploads", FORGET_ARRIVED, cors=[from_the_page])
        self.originals = bucket("originals")
        self.attachments = bucket("attachments")
        self.quarantine = bucket("quarantine")
        self.definitions = bucket("definitions")
        self.exports = bucket("exports", FORGET_EXPORTS)
        self._close_quarantine(stage)

    def _announce_uploads(self, stage: Stage) -> None:
        self.scan = WorkQueue(self, "Scan", stage=stage, name="scan", timeout=SCAN_TIMEOUT)
        Arrivals(
            self,
            "Arrivals",
            bucket=self.uploads.bucket,
            bucket_name=stage.bucket_name("uploads"),
            prefix=INCOMING,
            work=self.scan,
        )

    def _close_quarantine(self, stage: Stage) -> None:
        """Whatever a policy elsewhere may say, quarantined bytes are read by the investigator alone."""
        investigator = iam.Role(
            self,
            "Investigator",
            role_name=f"veza-{stage.name}-investigator",
            description="Reads quarantined files; assumed by a person with a second factor",
            assumed_by=iam.AccountRootPrincipal().with_conditions({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        )
        reading = ["s3:GetObject", "s3:GetObjectVersion"]
        everything = self.quarantine.objects()
        investigator.add_to_policy(iam.PolicyStatement(actions=reading, resources=[everything]))
        self.quarantine.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=reading,
                resources=[everything],
                conditions={"ArnNotEquals": {"aws:PrincipalArn": investigator.role_arn}},
            )
        )

    def _output(self) -> None:
        outputs = {
            "AccountsTable": self.accounts.name,
            "CatalogueTable": self.catalogue.name,
            "OperationsTable": self.operations.name,
            "OutboxTable": self.outbox.name,
            "JwtSecret": self.jwt_secret.attr_id,
            "UploadsBucket": self.uploads.name,
            "OriginalsBucket": self.originals.name,
            "AttachmentsBucket": self.attachments.name,
            "QuarantineBucket": self.quarantine.name,
            "DefinitionsBucket": self.definitions.name,
            "ExportsBucket": self.exports.name,
            "ScanQueueUrl": self.scan.queue.queue_url,
            "ScanDeadLettersUrl": self.scan.dead_letters.queue_url,
        }
        Outputs(self, "Outputs", values=outputs)
