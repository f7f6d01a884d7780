"""Repositories are tested on two implementations of DynamoDB: moto in process and MiniStack over HTTP."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest

from core.store.connection import shared_connection
from tests.cloud import BareCloud
from tests.moto_dynamodb import mocked

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="module", params=["moto", "ministack"])
def dynamodb(request: pytest.FixtureRequest) -> Iterator["DynamoDBClient"]:
    """Rows find their cloud as in production: by the environment that botocore reads."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        shared_connection.cache_clear()
        if request.param == "moto":
            environment.delenv("AWS_ENDPOINT_URL", raising=False)
            with mocked():
                yield boto3.client("dynamodb")
        else:
            cloud: BareCloud = request.getfixturevalue("engine")
            environment.setenv("AWS_ENDPOINT_URL", cloud.endpoint_url)
            environment.setenv("AWS_ACCESS_KEY_ID", "test")
            environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
            yield boto3.client("dynamodb")
    shared_connection.cache_clear()
