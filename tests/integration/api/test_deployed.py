"""The three functions as they are deployed: real wiring and adapters, HTTP API events in, AWS on moto behind."""

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import boto3
import jwt
import pytest

from api.wiring import accounts, catalogue, platform, shared
from core.adapters import clients
from core.domain.ids import AccountId, EpochSeconds, TrackId
from core.domain.limits import MIB, UPLOAD_PART_BYTES
from core.domain.reasons import ReasonCode
from core.domain.tracks import Track, TrackState
from core.messages.definitions import DEFINITIONS_POINTER, DefinitionsManifest
from core.store.accounts import AccountRepository
from core.store.tracks import TrackRepository
from schedules.keys.kinds import RsaPairs
from tests.integration.api.world import PASSWORD

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FUNCTIONS = ("accounts", "catalogue", "platform")
BUCKETS = ("uploads", "media", "definitions")
ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}


@dataclass(kw_only=True)
class Deployment:
    """Calls a function by its name, with the access token of whoever signed in last."""

    tracks: TrackRepository
    accounts: AccountRepository
    queue_url: str
    token: str | None = None
    refresh_token: str = ""

    def call(self, function: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"host": "veza.example", "content-type": "application/json"}
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": "",
            "headers": headers,
            "requestContext": {
                "requestId": "JKJaXmPLvHcESHA=",
                "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
            },
            "body": None if body is None else base64.b64encode(json.dumps(body).encode()).decode(),
            "isBase64Encoded": body is not None,
        }
        answer = import_module(f"api.handlers.{function}").handler(event, None)
        return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else None

    def sign_up(self) -> AccountId:
        _, user = self.call("accounts", "POST", "/api/v1/auth/register", ADA)
        account = self.accounts.get(AccountId(user["id"]))
        self.accounts.save(replace(account, email_verified=True), now=account.created_at)
        status, answer = self.call(
            "accounts", "POST", "/api/v1/auth/login", {"email": ADA["email"], "password": PASSWORD, "client": "native"}
        )
        assert status == 200, answer
        self.token, self.refresh_token = answer["access_token"], answer["refresh_token"]
        return AccountId(user["id"])

    def announce(self, **wanted: Any) -> dict[str, Any]:
        status, answer = self.call("catalogue", "POST", "/api/v1/uploads", {"filename": "a.wav", **wanted})
        assert status == 201, answer
        body: dict[str, Any] = answer
        return body


def a_signing_secret() -> str:
    return json.dumps({"current": RsaPairs().new(), "next": None, "previous": None})


@pytest.fixture
def deployment(
    dynamodb: "DynamoDBClient", tables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deployment]:
    forget_containers()
    s3, secrets, sqs = boto3.client("s3"), boto3.client("secretsmanager"), boto3.client("sqs")
    for bucket in BUCKETS:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    secrets.create_secret(Name="jwt", SecretString=a_signing_secret())
    for name in ("media", "edge", "oauth"):
        secrets.create_secret(Name=name, SecretString="{}")
    sealing_key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    queue_url = sqs.create_queue(QueueName="scan")["QueueUrl"]
    variables = {
        **{f"{area}_table": name for area, name in tables.items()},
        **{f"{bucket}_bucket": bucket for bucket in BUCKETS},
        "exports_bucket": "exports",
        "stage": "test",
        "jwt_secret": "jwt",
        "token_algorithm": "RS256",
        "media_secret": "media",
        "edge_secret": "edge",
        "oauth_secret": "oauth",
        "sealing_key": sealing_key,
        "page_url": "https://veza.example",
        "audit_days": "90",
        "limit_factor": "1000",
        "media_url": "https://media.example",
        "scan_queue_url": queue_url,
        "definitions_max_age_h": "48",
    }
    for name, value in variables.items():
        monkeypatch.setenv(f"VEZA_{name.upper()}", value)
    loop = asyncio.new_event_loop()  # Mangum takes the thread's
    asyncio.set_event_loop(loop)
    yield Deployment(
        tracks=TrackRepository(tables["catalogue"], tables["outbox"]),
        accounts=AccountRepository(tables["accounts"], tables["outbox"]),
        queue_url=queue_url,
    )
    asyncio.set_event_loop(None)
    loop.close()
    forget_containers()
    empty(s3)
    for name in ("jwt", "media", "edge", "oauth"):
        secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    sqs.delete_queue(QueueUrl=queue_url)


def empty(s3: Any) -> None:
    for bucket in BUCKETS:
        for found in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=found["Key"])
        s3.delete_bucket(Bucket=bucket)


def forget_containers() -> None:
    clients.forget()
    built: tuple[Callable[..., Any], ...] = (
        accounts.services,
        catalogue.services,
        platform.services,
        shared.secrets,
        *(import_module(f"api.handlers.{name}")._adapter for name in FUNCTIONS),
    )
    for build in built:
        build.cache_clear()  # type: ignore[attr-defined]


def test_from_sign_up_to_refresh_with_real_keys_and_hashes(deployment: Deployment) -> None:
    account_id = deployment.sign_up()

    assert deployment.call("accounts", "GET", "/api/v1/auth/me")[1]["id"] == account_id
    status, refreshed = deployment.call(
        "accounts", "POST", "/api/v1/auth/refresh", {"refresh_token": deployment.refresh_token}
    )
    assert status == 200
    _, jwks = deployment.call("accounts", "GET", "/.well-known/jwks.json")
    key = jwt.PyJWK(jwks["keys"][0])
    claims = jwt.decode(refreshed["access_token"], key, algorithms=["RS256"], audience="veza-api", issuer="veza-test")
    assert claims["sub"] == account_id


def test_a_wrong_password_is_told_from_a_right_one(deployment: Deployment) -> None:
    deployment.sign_up()
    wrong = {"email": ADA["email"], "password": PASSWORD + "!"}

    assert deployment.call("accounts", "POST", "/api/v1/auth/login", wrong)[0] == 401


def test_a_small_file_goes_in(deployment: Deployment) -> None:
    deployment.sign_up()
    upload = deployment.announce(size_bytes=9)
    path = f"/api/v1/uploads/{upload['upload_id']}/complete"
    key = f"incoming/{upload['track_id']}/{upload['upload_id']}"

    assert key in upload["put"]["url"]
    assert upload["put"]["headers"]["If-None-Match"] == "*"
    assert deployment.call("catalogue", "POST", path)[1]["code"] == "upload_incomplete"
    boto3.client("s3").put_object(Bucket="uploads", Key=key, Body=b"RIFF.....")
    assert deployment.call("catalogue", "POST", path)[1]["track"]["state"] == "uploaded"


def test_a_large_file_goes_in_by_parts(deployment: Deployment) -> None:
    deployment.sign_up()
    upload = deployment.announce(size_bytes=UPLOAD_PART_BYTES + MIB)
    path = f"/api/v1/uploads/{upload['upload_id']}"
    key = f"incoming/{upload['track_id']}/{upload['upload_id']}"
    s3 = boto3.client("s3")
    multipart_id = s3.list_multipart_uploads(Bucket="uploads")["Uploads"][0]["UploadId"]

    for part in upload["parts"]:
        s3.upload_part(
            Bucket="uploads",
            Key=key,
            UploadId=multipart_id,
            PartNumber=part["part_number"],
            Body=bytes(part["size_bytes"]),
        )
        _, status = deployment.call("catalogue", "GET", path)
        assert len(status["parts"]) == part["part_number"]
    parts = [{"part_number": part["part_number"], "etag": part["etag"]} for part in status["parts"]]

    status_code, done = deployment.call("catalogue", "POST", f"{path}/complete", {"parts": parts})

    assert (status_code, done["state"], done["track"]["state"]) == (200, "completed", "uploaded")
    assert s3.head_object(Bucket="uploads", Key=key)["ContentLength"] == UPLOAD_PART_BYTES + MIB


def test_giving_up_leaves_no_parts_behind(deployment: Deployment) -> None:
    deployment.sign_up()
    upload = deployment.announce(size_bytes=UPLOAD_PART_BYTES + MIB)

    assert deployment.call("catalogue", "DELETE", f"/api/v1/uploads/{upload['upload_id']}")[0] == 204

    assert "Uploads" not in boto3.client("s3").list_multipart_uploads(Bucket="uploads")


def test_a_retry_asks_the_scan_queue(deployment: Deployment) -> None:
    deployment.sign_up()
    upload = deployment.announce(size_bytes=9)
    failed = fail(deployment.tracks.get(TrackId(upload["track_id"])))
    deployment.tracks.save(failed, now=EpochSeconds(failed.updated_at))

    status, track = deployment.call("catalogue", "POST", f"/api/v1/tracks/{upload['track_id']}/retry")

    assert (status, track["state"]) == (200, "uploaded")
    sent = boto3.client("sqs").receive_message(QueueUrl=deployment.queue_url)["Messages"]
    assert json.loads(sent[0]["Body"])["key"] == f"incoming/{upload['track_id']}/{upload['upload_id']}"


def fail(track: Track) -> Track:
    return track.ended(TrackState.FAILED, ReasonCode.SCAN_FAILED, track.updated_at)


def test_ready_once_definitions_are_published(deployment: Deployment) -> None:
    assert deployment.call("platform", "GET", "/readyz")[0] == 503
    platform.services.cache_clear()
    import_module("api.handlers.platform")._adapter.cache_clear()
    manifest = DefinitionsManifest(version="1", built_at=now(), signatures=9, source="builtin", files=())
    boto3.client("s3").put_object(Bucket="definitions", Key=DEFINITIONS_POINTER, Body=manifest.model_dump_json())

    status, answer = deployment.call("platform", "GET", "/api/v1/readyz")

    assert (status, answer["status"]) == (200, "ready"), answer


def test_a_bucket_that_is_gone_is_named(deployment: Deployment) -> None:
    boto3.client("s3").delete_bucket(Bucket="media")

    _, answer = deployment.call("platform", "GET", "/readyz")

    assert "media" in {check["name"] for check in answer["checks"] if not check["ok"]}
    boto3.client("s3").create_bucket(Bucket="media", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})


def now() -> int:
    from core.adapters.clock import SystemClock

    return SystemClock().now()
