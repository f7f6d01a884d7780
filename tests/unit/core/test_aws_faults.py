"""What AWS's errors become: a table from code to error, and nothing by text."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, ParamValidationError, ReadTimeoutError
from botocore.stub import Stubber

from core.adapters.bus import EventBridgeBus
from core.adapters.mail import SesMailer
from core.adapters.queue import SqsQueue
from core.adapters.s3 import S3ObjectStore
from core.adapters.s3_errors import s3_errors
from core.adapters.secrets import SecretsManagerSecrets
from core.adapters.upload_door import S3UploadDoor
from core.domain.errors import (
    Conflict,
    InvalidInput,
    MailUnavailable,
    ObjectGone,
    QueueUnavailable,
    StorageUnavailable,
    Unavailable,
    VezaError,
)
from core.domain.ids import new_id
from core.domain.tracks import StoredObject
from core.messages.envelope import Envelope
from core.messages.tracks import TrackScanned
from tests.builders import an_envelope

OBJECT = StoredObject(bucket="uploads", key="song", version_id="v1")


class Stubbed(Stubber):
    """A client that answers what it was told to, in order."""

    client: Any


@cache
def client(service: str) -> Any:
    """Building one takes half a second."""
    session: Any = boto3.Session("test", "test", region_name="eu-central-1")
    return session.client(service)


def stubbed(service: str) -> Stubbed:
    return Stubbed(client(service))


@pytest.fixture
def s3() -> Iterator[Stubbed]:
    with stubbed("s3") as s3:
        yield s3


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("NoSuchKey", 404, ObjectGone),
        ("NoSuchVersion", 404, ObjectGone),
        ("404", 404, ObjectGone),
        ("MethodNotAllowed", 405, ObjectGone),
        ("405", 405, ObjectGone),
        ("NoSuchBucket", 404, StorageUnavailable),
        ("AccessDenied", 403, StorageUnavailable),
        ("403", 403, StorageUnavailable),
        ("SlowDown", 503, StorageUnavailable),
        ("InternalError", 500, StorageUnavailable),
        ("ANewOne", 400, StorageUnavailable),
    ],
)
class TestS3Codes:
    def test_on_head(self, s3: Stubbed, code: str, status: int, expected: type[VezaError]) -> None:
        s3.add_client_error("head_object", code, http_status_code=status)
        with pytest.raises(expected):
            S3ObjectStore(s3.client).head("uploads", "song")

    def test_on_copy(self, s3: Stubbed, code: str, status: int, expected: type[VezaError]) -> None:
        s3.add_response("head_object", {"ContentLength": 5})
        s3.add_client_error("copy_object", code, http_status_code=status)
        with pytest.raises(expected):
            S3ObjectStore(s3.client).copy(OBJECT, "originals", "song")

    def test_on_delete(self, s3: Stubbed, code: str, status: int, expected: type[VezaError]) -> None:
        s3.add_client_error("delete_object", code, http_status_code=status)
        with pytest.raises(expected):
            S3ObjectStore(s3.client).delete(OBJECT)


@pytest.mark.parametrize(
    "error",
    [EndpointConnectionError(endpoint_url="http://storage"), ReadTimeoutError(endpoint_url="http://storage")],
)
def test_no_answer_at_all_is_unavailable(error: Exception) -> None:
    with pytest.raises(StorageUnavailable) as caught, s3_errors():
        raise error
    assert caught.value.__cause__ is error
    assert "http" not in caught.value.detail


def test_our_own_mistakes_are_not_hidden() -> None:
    with pytest.raises(ParamValidationError):
        S3ObjectStore(client("s3")).head("uploads", "")


def test_a_version_that_could_not_be_deleted_is_told(s3: Stubbed) -> None:
    s3.add_response("list_object_versions", {"Versions": [{"Key": "t/a", "VersionId": "v1"}], "IsTruncated": False})
    s3.add_response("delete_objects", {"Errors": [{"Key": "t/a", "VersionId": "v1", "Code": "AccessDenied"}]})
    with pytest.raises(StorageUnavailable):
        S3ObjectStore(s3.client).delete_prefix("media", "t/")


class TestUploadDoor:
    def complete(self, s3: Stubbed) -> None:
        S3UploadDoor(lambda: s3.client, "uploads").complete_multipart("song", "id", [(1, "etag")])

    @pytest.mark.parametrize("code", ["InvalidPart", "InvalidPartOrder", "EntityTooSmall", "MalformedXML"])
    def test_parts_that_do_not_fit(self, s3: Stubbed, code: str) -> None:
        s3.add_client_error("complete_multipart_upload", code, http_status_code=400)
        with pytest.raises(InvalidInput) as caught:
            self.complete(s3)
        assert caught.value.code == "parts_mismatch"

    def test_a_key_that_is_taken_is_this_upload_completed_before(self, s3: Stubbed) -> None:
        s3.add_client_error("complete_multipart_upload", "PreconditionFailed", http_status_code=412)
        self.complete(s3)
        s3.assert_no_pending_responses()

    def test_an_upload_that_is_gone_but_left_its_object_was_completed_before(self, s3: Stubbed) -> None:
        s3.add_client_error("complete_multipart_upload", "NoSuchUpload", http_status_code=404)
        s3.add_response("head_object", {"ContentLength": 5})
        self.complete(s3)
        s3.assert_no_pending_responses()

    def test_an_upload_that_is_gone_without_an_object_is_closed(self, s3: Stubbed) -> None:
        s3.add_client_error("complete_multipart_upload", "NoSuchUpload", http_status_code=404)
        s3.add_client_error("head_object", "404", http_status_code=404)
        with pytest.raises(Conflict) as caught:
            self.complete(s3)
        assert caught.value.code == "upload_closed"

    @pytest.mark.parametrize("code", ["ConditionalRequestConflict", "SlowDown"])
    def test_what_may_work_later_is_unavailable(self, s3: Stubbed, code: str) -> None:
        s3.add_client_error("complete_multipart_upload", code, http_status_code=409)
        with pytest.raises(StorageUnavailable):
            self.complete(s3)


@pytest.mark.parametrize("code", ["MessageRejected", "TooManyRequestsException", "AccountSuspendedException"])
def test_21_mail_that_is_not_taken_is_unavailable(code: str) -> None:
    with stubbed("sesv2") as ses:
        ses.add_client_error("send_email", code)
        with pytest.raises(MailUnavailable) as caught:
            SesMailer(ses.client, "veza@example.com").send(to="ada@example.com", subject="s", text="t", html="h")
    assert "ada@example.com" not in caught.value.detail


def test_mail_is_sent_as_text_and_html() -> None:
    with stubbed("sesv2") as ses:
        ses.add_response(
            "send_email",
            {"MessageId": "1"},
            {
                "FromEmailAddress": "veza@example.com",
                "Destination": {"ToAddresses": ["ada@example.com"]},
                "Content": {
                    "Simple": {
                        "Subject": {"Data": "Grüße", "Charset": "UTF-8"},
                        "Body": {
                            "Text": {"Data": "Hallo", "Charset": "UTF-8"},
                            "Html": {"Data": "<p>Hallo</p>", "Charset": "UTF-8"},
                        },
                    }
                },
            },
        )
        SesMailer(ses.client, "veza@example.com").send(
            to="ada@example.com", subject="Grüße", text="Hallo", html="<p>Hallo</p>"
        )
        ses.assert_no_pending_responses()


def test_a_queue_that_is_over_its_limit_is_unavailable() -> None:
    with stubbed("sqs") as sqs:
        sqs.add_client_error("send_message", "OverLimit")
        with pytest.raises(QueueUnavailable):
            SqsQueue(sqs.client, "http://queue").send("{}")


class TestSecrets:
    @pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException", "DecryptionFailure"])
    def test_what_can_not_be_read_is_unavailable(self, code: str) -> None:
        with stubbed("secretsmanager") as manager:
            manager.add_client_error("get_secret_value", code)
            with pytest.raises(Unavailable):
                SecretsManagerSecrets(manager.client).get("jwt")

    def test_a_value_is_kept_for_its_time(self) -> None:
        elapsed = [1000.0]
        with stubbed("secretsmanager") as manager:
            secrets = SecretsManagerSecrets(manager.client, ttl_s=300, elapsed=lambda: elapsed[0])
            manager.add_response("get_secret_value", {"SecretString": "first"})
            assert [secrets.get("jwt") for _ in range(3)] == ["first"] * 3
            elapsed[0] += 299
            assert secrets.get("jwt") == "first"
            manager.add_response("get_secret_value", {"SecretString": "second"})
            elapsed[0] += 1
            assert secrets.get("jwt") == "second"

    def test_who_needs_news_gets_it_no_oftener_than_asked(self) -> None:
        elapsed = [1000.0]
        with stubbed("secretsmanager") as manager:
            secrets = SecretsManagerSecrets(manager.client, ttl_s=300, elapsed=lambda: elapsed[0])
            manager.add_response("get_secret_value", {"SecretString": "first"})
            secrets.get("jwt")
            elapsed[0] += 29
            assert secrets.get("jwt", max_age_s=30) == "first"
            manager.add_response("get_secret_value", {"SecretString": "second"})
            elapsed[0] += 1
            assert secrets.get("jwt", max_age_s=30) == "second"


class TestBus:
    @pytest.fixture
    def events(self) -> Iterator[Stubbed]:
        with stubbed("events") as events:
            yield events

    def envelopes(self, count: int) -> list[Envelope]:
        return [an_envelope(TrackScanned(track_id=new_id(), owner_id=new_id(), attempt=1)) for _ in range(count)]

    @pytest.fixture
    def answer(self, events: Stubbed) -> Callable[[str], None]:
        def answer(entries: str) -> None:
            """`.` is an entry taken, `x` one refused."""
            outcomes = [{"EventId": "1"} if one == "." else {"ErrorCode": "InternalFailure"} for one in entries]
            events.add_response("put_events", {"FailedEntryCount": entries.count("x"), "Entries": outcomes})

        return answer

    def test_7_refused_entries_are_given_back(self, events: Stubbed, answer: Callable[[str], None]) -> None:
        envelopes = self.envelopes(13)
        answer(".x.......x")
        answer("x..")
        refused = EventBridgeBus(events.client, "veza").publish(envelopes)
        assert refused == [envelopes[1], envelopes[9], envelopes[10]]

    def test_a_lost_batch_does_not_lose_the_others(self, events: Stubbed, answer: Callable[[str], None]) -> None:
        envelopes = self.envelopes(21)
        answer("." * 10)
        events.add_client_error("put_events", "InternalException", http_status_code=500)
        answer(".")
        assert EventBridgeBus(events.client, "veza").publish(envelopes) == envelopes[10:20]

    def test_8_nothing_out_is_an_error(self, events: Stubbed, answer: Callable[[str], None]) -> None:
        answer("xx")
        with pytest.raises(QueueUnavailable):
            EventBridgeBus(events.client, "veza").publish(self.envelopes(2))
