"""The deployed pipeline in the hands of somebody who breaks it: AWS calls past the API, with the root's credentials."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from core.domain.ids import new_id
from core.messages.envelope import Envelope
from core.messages.tracks import TrackFailed
from core.store.outbox import envelope_of
from tests.cloud import Cloud
from tests.people import Artist

PATIENCE_S = 240
"""Far above what anything takes; other suites' files may be on their way through the same pipeline."""
QUEUES = ("Scan", "Transcode", "Parts", "Mail")
BUCKETS = ("Uploads", "Originals", "Quarantine", "Media")


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Fails with `what` if it does not come true within PATIENCE_S."""
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until, f"not within {PATIENCE_S} s: {what}"
        time.sleep(0.1)


def s3_event(bucket: str, *objects: tuple[str, str]) -> str:
    """The notification S3 sends for these (key, version) pairs; keys are form-encoded in it."""
    return json.dumps(
        {
            "Records": [
                {
                    "eventSource": "aws:s3",
                    "eventName": "ObjectCreated:Put",
                    "s3": {"bucket": {"name": bucket}, "object": {"key": quote_plus(key), "versionId": version}},
                }
                for key, version in objects
            ]
        }
    )


def bus_event(envelope: Envelope) -> str:
    """What EventBridge puts on a queue."""
    return json.dumps(
        {
            "version": "0",
            "id": new_id(),
            "source": "veza",
            "detail-type": envelope.detail_type,
            "detail": envelope.model_dump(mode="json"),
        }
    )


@dataclass(frozen=True, kw_only=True)
class Announced:
    """A draft that waits for its bytes."""

    track_id: str
    key: str
    upload: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    cloud: Cloud
    since_ms: int = field(default_factory=lambda: int(time.time() * 1000))
    """Logs are read from here on."""

    def announce(self, artist: Artist, filename: str, data: bytes) -> Announced:
        """With a title of its own, so that its mails can be told from all others."""
        upload = artist.announce(filename, data, title=f"Fault {new_id()}")
        key = f"incoming/{upload['track_id']}/{upload['upload_id']}"
        return Announced(track_id=upload["track_id"], key=key, upload=upload)

    def upload(self, artist: Artist, filename: str, data: bytes) -> Announced:
        """Announced and sent as artists do."""
        announced = self.announce(artist, filename, data)
        sent = artist.send(announced.upload, data)
        assert sent.status_code == 200, sent.text
        return announced

    def bucket(self, noun: str) -> str:
        return self.cloud.outputs[f"{noun}Bucket"]

    def put(self, key: str, body: bytes) -> str:
        """Writes to the uploads bucket as nobody but an administrator could; returns the version."""
        return str(self.cloud.aws("s3").put_object(Bucket=self.bucket("Uploads"), Key=key, Body=body)["VersionId"])

    def arrival(self, *objects: tuple[str, str]) -> str:
        """S3's event about these (key, version) pairs of the uploads bucket."""
        return s3_event(self.bucket("Uploads"), *objects)

    def delete(self, key: str, version: str) -> None:
        self.cloud.aws("s3").delete_object(Bucket=self.bucket("Uploads"), Key=key, VersionId=version)

    def newest_version(self, key: str) -> str:
        return str(self.cloud.aws("s3").head_object(Bucket=self.bucket("Uploads"), Key=key)["VersionId"])

    def objects(self, track_id: str) -> dict[str, dict[str, str]]:
        """Every object version that belongs to a track: by bucket, key#version → ETag."""
        found: dict[str, dict[str, str]] = {}
        for noun in BUCKETS:
            prefix = f"incoming/{track_id}/" if noun == "Uploads" else f"{track_id}/"
            pages = self.cloud.aws("s3").get_paginator("list_object_versions")
            versions = [
                version
                for page in pages.paginate(Bucket=self.bucket(noun), Prefix=prefix)
                for version in page.get("Versions", [])
            ]
            found[noun] = {f"{v['Key']}#{v['VersionId']}": v["ETag"] for v in versions}
        return found

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """While it lasts, the uploads bucket tells nobody what arrives."""
        s3, bucket = self.cloud.aws("s3"), self.bucket("Uploads")
        told = s3.get_bucket_notification_configuration(Bucket=bucket)
        told.pop("ResponseMetadata", None)
        assert told["QueueConfigurations"]
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
        try:
            yield
        finally:
            s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)

    def url(self, queue: str) -> str:
        return self.cloud.outputs[f"{queue}QueueUrl"]

    def tell(self, queue: str, *bodies: str) -> None:
        """Puts messages on a queue, all at the same time."""
        with ThreadPoolExecutor(len(bodies)) as pool:
            list(pool.map(lambda body: self._send(queue, body), bodies))

    def _send(self, queue: str, body: str) -> None:
        self.cloud.aws("sqs").send_message(QueueUrl=self.url(queue), MessageBody=body)

    def waiting(self, url: str) -> int:
        """Messages on a queue, those in work included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counted = self.cloud.aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(counted[name]) for name in names)

    def dead_letters(self, queue: str) -> list[dict[str, Any]]:
        """The messages on the queue's dead-letter queue; they stay there."""
        url = self.cloud.outputs[f"{queue}DeadLettersUrl"]
        found: dict[str, dict[str, Any]] = {}
        for _ in range(self.waiting(url) + 1):
            answer = self.cloud.aws("sqs").receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, AttributeNames=["All"]
            )
            found |= {message["MessageId"]: message for message in answer.get("Messages", [])}
        return list(found.values())

    def bury(self, queue: str, messages: list[dict[str, Any]]) -> None:
        """Takes messages off the dead-letter queue for good."""
        url = self.cloud.outputs[f"{queue}DeadLettersUrl"]
        for message in messages:
            self.cloud.aws("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    @contextmanager
    def hasty(self, queue: str, seconds: int = 2) -> Iterator[None]:
        """While it lasts, the queue brings a failed message again after so many seconds."""
        sqs, url = self.cloud.aws("sqs"), self.url(queue)
        was = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})
        try:
            yield
        finally:
            sqs.set_queue_attributes(QueueUrl=url, Attributes=was)

    @contextmanager
    def unheard(self, function: str) -> Iterator[None]:
        """While it lasts, the function takes nothing from its queue."""
        client = self.cloud.aws("lambda")
        name = self.cloud.outputs[f"{function}Function"]
        (mapping,) = client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        try:
            yield
        finally:
            client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    def lose_messages(self, queue: str) -> None:
        self.cloud.aws("sqs").purge_queue(QueueUrl=self.url(queue))

    def invoke(self, function: str, event: object) -> Any:
        """The function's answer; fails if it raised."""
        answer = self.cloud.aws("lambda").invoke(
            FunctionName=self.cloud.outputs[f"{function}Function"], Payload=json.dumps(event).encode()
        )
        body = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, body
        return body

    def handed(self, queue: str, *bodies: str) -> dict[str, Any]:
        """The event with which SQS hands these messages to a function; ids are m0, m1, …"""
        return {
            "Records": [
                {
                    "messageId": f"m{number}",
                    "receiptHandle": "handle",
                    "body": body,
                    "attributes": {"ApproximateReceiveCount": "1"},
                    "messageAttributes": {},
                    "eventSource": "aws:sqs",
                    "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{self.url(queue).rpartition('/')[2]}",
                    "awsRegion": "us-east-1",
                }
                for number, body in enumerate(bodies)
            ]
        }

    def said(self, function: str, **fields: object) -> list[dict[str, Any]]:
        """What the function logged since this test began, the lines that hold all of `fields`."""
        group = f"/aws/lambda/{self.cloud.outputs[f'{function}Function']}"
        pages = self.cloud.aws("logs").get_paginator("filter_log_events")
        lines = [event["message"] for page in pages.paginate(logGroupName=group, startTime=self.since_ms)
                 for event in page["events"]]  # fmt: skip
        entries = [json.loads(line) for line in lines if line.startswith("{")]
        return [entry for entry in entries if fields.items() <= entry.items()]

    def events(self) -> list[Envelope]:
        """What the outbox holds, oldest first."""
        pages = self.cloud.aws("dynamodb").get_paginator("scan").paginate(TableName=self.cloud.outputs["OutboxTable"])
        found = [envelope_of(row) for page in pages for row in page["Items"]]
        return sorted(found, key=lambda e: (e.occurred_at, e.id))

    def events_about(self, track_id: str) -> list[Envelope]:
        return [event for event in self.events() if event.data.get("track_id") == track_id]

    def verdicts(self, key: str) -> dict[str, str]:
        """Version → verdict of every scan of that object."""
        answer = self.cloud.aws("dynamodb").query(
            TableName=self.cloud.outputs["CatalogueTable"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"object#{self.bucket('Uploads')}/{key}"}},
        )
        return {row["sk"]["S"].split("#")[1]: row["verdict"]["S"] for row in answer["Items"]}

    def make_overdue(self, track_id: str) -> None:
        """As if the track's deadline, and the lease of whoever held it, had passed a minute ago."""
        past = str(int(time.time()) - 60)
        self.cloud.aws("dynamodb").update_item(
            TableName=self.cloud.outputs["CatalogueTable"],
            Key={"pk": {"S": f"track#{track_id}"}, "sk": {"S": "track"}},
            UpdateExpression="SET deadline = :past REMOVE lease_until",
            ExpressionAttributeValues={":past": {"N": past}},
        )

    def sweep(self) -> dict[str, int]:
        """Its outcomes, counted."""
        return dict(self.invoke("Sweep", {}))

    def idle(self) -> None:
        """Waits until every queue is empty."""
        for queue in QUEUES:
            wait_until(lambda: self.waiting(self.url(queue)) == 0, f"the {queue} queue is empty")  # noqa: B023

    def rest(self) -> None:
        """Waits until all that was set going has come to its end, mails included.

        An event of ours follows the others through outbox, relay and bus: once it has arrived, so have they.
        """
        wait_until(lambda: self.waiting(self.url("Scan")) == 0, "nothing to scan")
        self._follow()
        for queue in ("Transcode", "Parts"):
            wait_until(lambda: self.waiting(self.url(queue)) == 0, "nothing to transcode")  # noqa: B023
        self._follow()
        self.idle()

    def _follow(self) -> None:
        news = TrackFailed(track_id=new_id(), owner_id=new_id(), attempt=1, reason="timed_out")
        event_id, now = new_id(), int(time.time())
        dynamodb = self.cloud.aws("dynamodb")
        dynamodb.put_item(
            TableName=self.cloud.outputs["OutboxTable"],
            Item={
                "pk": {"S": event_id},
                "type": {"S": news.type},
                "version": {"N": str(news.version)},
                "occurred_at": {"N": str(now)},
                "data": {"S": news.model_dump_json()},
                "ttl": {"N": str(now + 3600)},
            },
        )
        mark = {"pk": {"S": f"mail#{event_id}"}, "sk": {"S": "mail"}}

        def arrived() -> bool:
            row = dynamodb.get_item(TableName=self.cloud.outputs["OperationsTable"], Key=mark, ConsistentRead=True)
            return "done_at" in row.get("Item", {})

        wait_until(arrived, "an event comes through outbox, relay and bus to the mail consumer")
