"""boto3 clients, each built once per process and only when asked for.

Region, credentials and a custom endpoint (`AWS_ENDPOINT_URL`) come from botocore's usual places. With a custom
endpoint botocore addresses buckets by path, without one by host name (`addressing_style` auto), so nothing here
asks which cloud it is.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient

_PROMPT: Final = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 4},
)
"""Far below a function's own time-out, so that retries with their back-off still fit in."""

SOCKETS_AT_ONCE: Final = 64

_STORAGE: Final = _PROMPT.merge(
    Config(
        read_timeout=60,  # a server-side copy of 2 GiB answers when it is done
        max_pool_connections=32,  # the transcoder reads ahead and writes segments at the same time
        signature_version="s3v4",  # presigned URLs would fall back to SigV2, which signs no headers
        # Only where S3 insists: by default botocore signs a CRC32 of no bytes at all into presigned URLs.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
)


@cache
def s3() -> "S3Client":
    client = boto3.client("s3", config=_STORAGE)
    client.meta.events.register("provide-client-params.s3", _presign_for_the_region)
    return client


@cache
def sqs() -> "SQSClient":
    return boto3.client("sqs", config=_PROMPT)


@cache
def events() -> "EventBridgeClient":
    return boto3.client("events", config=_PROMPT)


@cache
def sesv2() -> "SESV2Client":
    return boto3.client("sesv2", config=_PROMPT)


@cache
def secretsmanager() -> "SecretsManagerClient":
    return boto3.client("secretsmanager", config=_PROMPT)


@cache
def sockets(endpoint_url: str) -> "ApiGatewayManagementApiClient":
    """One for each WebSocket API. The pool is as large as what posts at the same time; trying again is the sender's
    own business."""
    return boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=endpoint_url,
        config=Config(
            connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 1}, max_pool_connections=SOCKETS_AT_ONCE
        ),
    )


@cache
def kms() -> "KMSClient":
    return boto3.client("kms", config=_PROMPT)


def _presign_for_the_region(context: dict[str, Any], **_: object) -> None:
    """botocore signs URLs for the global host by default, which redirects for new buckets of other regions; a
    redirected PUT fails. https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html"""
    context["use_global_endpoint"] = False


def forget() -> None:
    """Drops the cached clients; tests call it when they change the endpoint."""
    for build in (s3, sqs, events, sesv2, secretsmanager, sockets, kms):
        build.cache_clear()
