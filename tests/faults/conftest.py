"""A pipeline at rest, for tests that break it: the deployed one, and one in this process."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest

from core.store.connection import shared_connection
from tests.cloud import BareCloud, Cloud
from tests.contract.aws import environment
from tests.fakes.scanner import FakeScanner
from tests.faults.belt import Belt
from tests.faults.engines import FakeEncoder
from tests.faults.pipeline import Pipeline
from tests.faults.workshop import Workshop

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TIMEOUT_S = 600
"""The first of these tests may have to wait until the files of other suites are through."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/tests/faults/" in item.path.as_posix():
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))


@pytest.fixture(scope="module")
def ministack(engine: BareCloud) -> Iterator["DynamoDBClient"]:
    """Rows on MiniStack: they outlive a worker's process, and come ten times sooner than those of moto."""
    with environment(AWS_ENDPOINT_URL=engine.endpoint_url):
        shared_connection.cache_clear()
        yield boto3.client("dynamodb")
    shared_connection.cache_clear()


@pytest.fixture
def pipeline(cloud: Cloud) -> Pipeline:
    Pipeline(cloud=cloud).idle()
    return Pipeline(cloud=cloud)


@pytest.fixture
def workshop(dynamodb: "DynamoDBClient", tables: dict[str, str]) -> Workshop:
    """With a scanner that knows EICAR alone."""
    return Workshop(dynamodb=dynamodb, tables=tables, scanner=FakeScanner())


@pytest.fixture
def deep(request: pytest.FixtureRequest) -> bool:
    """Whether there is time to try everything (`make test-faults`), or just a fixed few (`make test`)."""
    return bool(request.config.getoption("--deep"))


@pytest.fixture
def belt(workshop: Workshop) -> Belt:
    """The same with its queues, and an encoder that takes no time."""
    workshop.encoder = FakeEncoder(workshop.store)
    return Belt(workshop)
