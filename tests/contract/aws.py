"""An AWS for adapters, as the fixture `aws`: moto in these tests, MiniStack in tests/integration/adapters."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import pytest

from core.adapters import clients

REGION: Final = "eu-central-1"
SENDER: Final = "veza@example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    to: str
    subject: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aws:
    """Makes things under names of their own, so that tests can share one cloud."""

    mails: Callable[[], list[Mail]]
    """Every mail that SES took, oldest first."""

    def bucket(self, *, versioned: bool = True) -> str:
        name = f"veza-{uuid4()}"
        clients.s3().create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        if versioned:
            clients.s3().put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def queue(self) -> str:
        """Its URL."""
        return clients.sqs().create_queue(QueueName=f"veza-{uuid4()}")["QueueUrl"]

    def received(self, queue_url: str, *, expected: int) -> list[str]:
        """The bodies in the queue, once `expected` have come; fewer if no more come within two seconds."""
        bodies: list[str] = []
        while len(bodies) < expected:
            answer = clients.sqs().receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=2)
            if not answer.get("Messages"):
                break
            for message in answer["Messages"]:
                bodies.append(message["Body"])
                clients.sqs().delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    def bus_into(self, queue_url: str) -> str:
        """A bus that puts all of Veza's events into the queue; its name."""
        name = f"veza-{uuid4()}"
        attributes = clients.sqs().get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]
        clients.events().create_event_bus(Name=name)
        clients.events().put_rule(Name=name, EventBusName=name, EventPattern='{"source": ["veza"]}')
        targets = [{"Id": "queue", "Arn": attributes["QueueArn"]}]
        clients.events().put_targets(Rule=name, EventBusName=name, Targets=targets)  # type: ignore[arg-type]
        return name

    def sender(self) -> str:
        """An address that SES sends for."""
        clients.sesv2().create_email_identity(EmailIdentity=SENDER)
        return SENDER

    def key(self) -> str:
        """A key that seals; its ARN."""
        return clients.kms().create_key()["KeyMetadata"]["Arn"]

    def secret(self, value: str) -> str:
        """A secret of that value; its name."""
        name = f"veza-{uuid4()}"
        clients.secretsmanager().create_secret(Name=name, SecretString=value)
        return name


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Credentials of nobody, and new clients for them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
        for name, value in {**credentials, **variables}.items():
            patch.setenv(name, value)
        clients.forget()
        yield
    clients.forget()
