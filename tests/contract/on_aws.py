"""The real adapters as fixtures, over whichever cloud the fixture `aws` is. Mixed into the contracts."""

import json
from collections.abc import Callable

import pytest

from core.adapters import clients
from core.adapters.bus import EventBridgeBus
from core.adapters.mail import SesMailer
from core.adapters.queue import SqsQueue
from core.adapters.s3 import S3ObjectStore
from core.adapters.sealer import KmsSealer
from core.adapters.secrets import SecretsManagerSecrets
from core.adapters.upload_door import S3UploadDoor
from core.messages.envelope import Envelope
from tests.contract.aws import Aws, Mail
from tests.contract.upload_door import StorePart

S3_PART_MIN = 5 * 1024 * 1024


class OnS3:
    @pytest.fixture
    def store(self, aws: Aws) -> S3ObjectStore:
        return S3ObjectStore(clients.s3(), stream_part_bytes=S3_PART_MIN)

    @pytest.fixture
    def broken(self, aws: Aws) -> S3ObjectStore:
        return S3ObjectStore(clients.s3())

    @pytest.fixture
    def bucket(self, aws: Aws) -> str:
        return aws.bucket()

    @pytest.fixture
    def other_bucket(self, aws: Aws) -> str:
        return aws.bucket()

    @pytest.fixture
    def unversioned_bucket(self, aws: Aws) -> str:
        return aws.bucket(versioned=False)


class OnS3CopyingByParts(OnS3):
    """As it goes above CopyObject's limit, which starts at one byte here."""

    @pytest.fixture
    def store(self, aws: Aws) -> S3ObjectStore:
        return S3ObjectStore(clients.s3(), copy_max_bytes=0, copy_part_bytes=S3_PART_MIN)


class OnS3Door(OnS3):
    @pytest.fixture
    def door(self, aws: Aws, bucket: str) -> S3UploadDoor:
        return S3UploadDoor(clients.s3, bucket)

    @pytest.fixture
    def store_part(self, aws: Aws, bucket: str) -> StorePart:
        def store_part(key: str, multipart_id: str, number: int, body: bytes) -> None:
            clients.s3().upload_part(Bucket=bucket, Key=key, UploadId=multipart_id, PartNumber=number, Body=body)

        return store_part


class OnSqs:
    @pytest.fixture
    def url(self, aws: Aws) -> str:
        return aws.queue()

    @pytest.fixture
    def queue(self, url: str) -> SqsQueue:
        return SqsQueue(clients.sqs(), url)

    @pytest.fixture
    def broken(self, url: str) -> SqsQueue:
        return SqsQueue(clients.sqs(), f"{url}-that-never-was")

    @pytest.fixture
    def received(self, aws: Aws, url: str) -> Callable[[int], list[str]]:
        return lambda expected: aws.received(url, expected=expected)


class OnEventBridge:
    @pytest.fixture
    def url(self, aws: Aws) -> str:
        return aws.queue()

    @pytest.fixture
    def bus(self, aws: Aws, url: str) -> EventBridgeBus:
        return EventBridgeBus(clients.events(), aws.bus_into(url))

    @pytest.fixture
    def arrived(self, aws: Aws, url: str) -> Callable[[int], list[Envelope]]:
        """Read as a consumer reads them: `detail` of EventBridge's own envelope."""

        def arrived(expected: int) -> list[Envelope]:
            bodies = [json.loads(body) for body in aws.received(url, expected=expected)]
            envelopes = [Envelope.model_validate(body["detail"]) for body in bodies]
            assert [body["detail-type"] for body in bodies] == [envelope.detail_type for envelope in envelopes]
            return envelopes

        return arrived


class OnSes:
    @pytest.fixture
    def mailer(self, aws: Aws) -> SesMailer:
        return SesMailer(clients.sesv2(), aws.sender())

    @pytest.fixture
    def broken(self, aws: Aws) -> SesMailer:
        return SesMailer(clients.sesv2(), "never-verified@example.org")

    @pytest.fixture
    def mails(self, aws: Aws) -> Callable[[], list[Mail]]:
        return aws.mails


class OnSecretsManager:
    @pytest.fixture
    def name(self, aws: Aws) -> str:
        return aws.secret("a secret")

    @pytest.fixture
    def secrets(self, aws: Aws) -> SecretsManagerSecrets:
        return SecretsManagerSecrets(clients.secretsmanager())


class OnKms:
    @pytest.fixture
    def sealer(self, aws: Aws) -> KmsSealer:
        return KmsSealer(clients.kms(), aws.key())
