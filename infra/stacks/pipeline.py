"""What turns an arrived file into a track: scan, transcode, the bus between them, mail, and the sweep."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra.constructs.definitions_refresh import DefinitionsRefresh
from infra.constructs.outbox_relay import OutboxRelay
from infra.constructs.outputs import Outputs
from infra.constructs.privacy_desk import TIMEOUT as PRIVACY_TIMEOUT
from infra.constructs.privacy_desk import PrivacyDesk
from infra.constructs.python_function import FunctionPlatform, PythonFunction
from infra.constructs.queue_consumer import QueueConsumer
from infra.constructs.subscription import Subscription
from infra.constructs.sweep import Sweep
from infra.constructs.work_queue import WorkQueue
from infra.permissions import (
    CHANGE_ROWS,
    CLAIM_ROWS,
    DELETE_OBJECTS,
    LIST_OBJECTS,
    READ_OBJECTS,
    READ_ROWS,
    WRITE_OBJECTS,
    WRITE_OUTBOX,
)
from infra.stacks.data import INCOMING, SCAN_TIMEOUT, DataStack
from infra.stacks.media import MediaStack
from infra.stages import Stage

BUS_SOURCE = "veza"
TRANSCODE_MESSAGES = ("track.scanned.v1",)
MAIL_MESSAGES = (
    "account.registered.v1",
    "account.verification-asked.v1",
    "password.reset-asked.v1",
    "password.changed.v1",
    "passkey.changed.v1",
    "second-factor.changed.v1",
    "connection.changed.v1",
    "api-key.made.v1",
    "recovery-codes.renewed.v1",
    "sign-in.link-asked.v1",
    "email.change-asked.v1",
    "account.locked.v1",
    "session.reused.v1",
    "account.closing.v1",
    "account.kept.v1",
    "export.ready.v1",
    "transcoding.completed.v1",
    "track.rejected.v1",
    "track.failed.v1",
)
TRANSCODE_TIMEOUT = Duration.minutes(15)
MAIL_TIMEOUT = Duration.minutes(1)


class PipelineStack(Stack):
    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, data: DataStack, media: MediaStack
    ) -> None:
        super().__init__(scope, construct_id, env=stage.environment)
        self.data = data
        self.media = media
        self.stage = stage
        self.platform = FunctionPlatform(self, "Platform", stage=stage)
        self.bus = events.EventBus(self, "Bus", event_bus_name=f"veza-{stage.name}")
        self.scan = self._scan()
        self.relay = self._relay()
        self.transcode = self._transcode()
        self.parts = self._parts()
        self.mail = self._mail()
        self.privacy_work = self._work("privacy", PRIVACY_TIMEOUT)
        self.privacy = PrivacyDesk(
            self,
            "PrivacyDesk",
            platform=self.platform,
            data=data,
            bus=self.bus,
            bus_source=BUS_SOURCE,
            work=self.privacy_work,
        )
        self.sweep = Sweep(self, "SweepSchedule", platform=self.platform, data=data, media=media).function
        self.definitions = DefinitionsRefresh(
            self,
            "DefinitionsRefresh",
            platform=self.platform,
            stage=stage,
            bucket=data.definitions,
            operations=data.operations,
        ).function
        self._output()

    @property
    def functions(self) -> list[PythonFunction]:
        media = [self.scan, self.transcode, self.parts]
        people = [self.mail, self.privacy.function, self.privacy.closings]
        return [*media, *people, self.relay, self.sweep, self.definitions]

    @property
    def queues(self) -> list[WorkQueue]:
        return [self.data.scan, self.transcode_work, self.parts_work, self.mail_work, self.privacy_work]

    def _scan(self) -> PythonFunction:
        data, media = self.data, self.media
        scan = PythonFunction(
            self,
            "Scan",
            platform=self.platform,
            name="scan",
            handler="scan.handler.handler",
            settings={
                "catalogue_table": data.catalogue.name,
                "chat_table": data.chat.name,
                "operations_table": data.operations.name,
                "outbox_table": data.outbox.name,
                "uploads_bucket": data.uploads.name,
                "originals_bucket": data.originals.name,
                "attachments_bucket": data.attachments.name,
                "quarantine_bucket": data.quarantine.name,
                "definitions_bucket": data.definitions.name,
                "media_bucket": media.media.name,
                "clamd": self.stage.clamd,
                "definitions_max_age_h": str(self.stage.definitions_max_age_h),
            },
            timeout=SCAN_TIMEOUT,
            memory_mb=3008,
            tmp_mb=4096,
            engine="clamav",
        )
        scan.allow(*READ_ROWS, *CHANGE_ROWS, on=[data.catalogue.arn])
        scan.allow(*READ_ROWS, *CLAIM_ROWS, on=[data.operations.arn])
        scan.allow(*WRITE_OUTBOX, on=[data.outbox.arn])
        scan.allow(*READ_OBJECTS, *DELETE_OBJECTS, on=[data.uploads.objects(INCOMING)])
        scan.allow(*LIST_OBJECTS, on=[data.uploads.arn])
        scan.allow(*READ_OBJECTS, on=[data.definitions.objects("definitions/")])
        scan.allow(*LIST_OBJECTS, on=[data.definitions.arn])
        scan.allow(*WRITE_OBJECTS, *READ_OBJECTS, on=[data.originals.objects()])
        scan.allow("dynamodb:GetItem", "dynamodb:PutItem", on=[data.chat.arn])  # attachments alone
        scan.allow(*WRITE_OBJECTS, on=[data.quarantine.objects(), data.attachments.objects()])
        # A recheck withdraws what newer definitions find: what was handed on, and everything made of it.
        scan.allow(*READ_OBJECTS, on=[data.attachments.objects()])
        withdrawn = [data.originals.objects(), data.attachments.objects(), media.media.objects()]
        scan.allow(*DELETE_OBJECTS, on=withdrawn)
        scan.allow(*LIST_OBJECTS, on=[data.originals.arn, data.attachments.arn])
        scan.allow("s3:ListBucketVersions", on=[media.media.arn, data.attachments.arn])
        QueueConsumer(
            self,
            "ScanWork",
            work=data.scan,
            function=scan,
            batch_size=1,
            concurrency=self.stage.scan_concurrency,
        )
        return scan

    def _transcode(self) -> PythonFunction:
        """The heads of tracks; all other parts are put on a queue of their own."""
        self.transcode_work = self._work("transcode", TRANSCODE_TIMEOUT)
        self.parts_work = self._work("parts", TRANSCODE_TIMEOUT)
        self._subscribe("Scanned", self.transcode_work, TRANSCODE_MESSAGES)
        return self._encoder("transcode", "transcode.handler.handler", self.transcode_work)

    def _parts(self) -> PythonFunction:
        return self._encoder("parts", "transcode.parts_handler.handler", self.parts_work)

    def _encoder(self, name: str, handler: str, work: WorkQueue) -> PythonFunction:
        data, media = self.data, self.media
        encoder = PythonFunction(
            self,
            name.capitalize(),
            platform=self.platform,
            name=name,
            handler=handler,
            settings={
                "catalogue_table": data.catalogue.name,
                "outbox_table": data.outbox.name,
                "media_bucket": media.media.name,
                "originals_bucket": data.originals.name,
                "parts_queue_url": self.parts_work.queue.queue_url,
                "ffmpeg": self.stage.ffmpeg,
            },
            timeout=TRANSCODE_TIMEOUT,
            memory_mb=3538,
            engine="ffmpeg",
        )
        encoder.allow(*READ_ROWS, *CHANGE_ROWS, on=[data.catalogue.arn])
        encoder.allow(*WRITE_OUTBOX, on=[data.outbox.arn])
        encoder.allow(*READ_OBJECTS, on=[data.originals.objects()])
        encoder.allow(*LIST_OBJECTS, on=[data.originals.arn, media.media.arn])
        # A growing playlist is looked at before it is replaced.
        encoder.allow("s3:GetObject", *WRITE_OBJECTS, *DELETE_OBJECTS, on=[media.media.objects()])
        encoder.allow("s3:ListBucketVersions", on=[media.media.arn])  # clears the folder of a refused track
        encoder.allow("sqs:SendMessage", on=[self.parts_work.queue.queue_arn])
        QueueConsumer(
            self,
            f"{name.capitalize()}Work",
            work=work,
            function=encoder,
            batch_size=1,
            concurrency=self.stage.transcode_concurrency,
        )
        return encoder

    def _relay(self) -> PythonFunction:
        relay = PythonFunction(
            self,
            "Relay",
            platform=self.platform,
            name="relay",
            handler="consumers.relay.handler.handler",
            settings={"outbox_table": self.data.outbox.name, "bus": self.bus.event_bus_name},
            timeout=Duration.seconds(30),
            memory_mb=512,
        )
        relay.allow("events:PutEvents", on=[self.bus.event_bus_arn])
        self.outbox_relay = OutboxRelay(
            self,
            "Outbox",
            name=f"veza-{self.stage.name}-relay",
            outbox=self.data.outbox,
            function=relay,
            tls_only=self.stage.tls_only,
        )
        return relay

    def _mail(self) -> PythonFunction:
        data = self.data
        self.mail_work = self._work("mail", MAIL_TIMEOUT)
        sender = ses.EmailIdentity(self, "Sender", identity=ses.Identity.email(self.stage.mail_from))
        mail = PythonFunction(
            self,
            "Mail",
            platform=self.platform,
            name="mail",
            handler="consumers.mail.handler.handler",
            settings={
                "accounts_table": data.accounts.name,
                "catalogue_table": data.catalogue.name,
                "operations_table": data.operations.name,
                "mail_from": self.stage.mail_from,
                "app_url": self.media.site.url,
            },
            timeout=MAIL_TIMEOUT,
            memory_mb=512,
        )
        mail.allow(*READ_ROWS, "dynamodb:PutItem", on=[data.accounts.arn])
        mail.allow(*READ_ROWS, on=[data.catalogue.arn])
        mail.allow(*READ_ROWS, *CLAIM_ROWS, on=[data.operations.arn])
        mail.allow("ses:SendEmail", on=[sender.email_identity_arn])
        QueueConsumer(self, "MailWork", work=self.mail_work, function=mail, batch_size=5, concurrency=2)
        self._subscribe("Announced", self.mail_work, MAIL_MESSAGES)
        return mail

    def _work(self, name: str, timeout: Duration) -> WorkQueue:
        return WorkQueue(self, f"{name.capitalize()}Queue", stage=self.stage, name=name, timeout=timeout)

    def _subscribe(self, construct_id: str, work: WorkQueue, detail_types: tuple[str, ...]) -> None:
        Subscription(self, construct_id, bus=self.bus, source=BUS_SOURCE, detail_types=detail_types, work=work)

    def _output(self) -> None:
        outputs = {
            "Bus": self.bus.event_bus_name,
            "TranscodeQueueUrl": self.transcode_work.queue.queue_url,
            "TranscodeDeadLettersUrl": self.transcode_work.dead_letters.queue_url,
            "PartsQueueUrl": self.parts_work.queue.queue_url,
            "PartsDeadLettersUrl": self.parts_work.dead_letters.queue_url,
            "MailQueueUrl": self.mail_work.queue.queue_url,
            "MailDeadLettersUrl": self.mail_work.dead_letters.queue_url,
            "PrivacyQueueUrl": self.privacy_work.queue.queue_url,
            "PrivacyDeadLettersUrl": self.privacy_work.dead_letters.queue_url,
            "RelayDeadLettersUrl": self.outbox_relay.dead_letters.queue_url,
        }
        outputs |= {f"{function.node.id}Function": function.name for function in self.functions}
        Outputs(self, "Outputs", values=outputs)
