"""A pipeline at rest, for tests that break it: the deployed one, and one in this process."""

from typing import TYPE_CHECKING

import pytest

from tests.cloud import Cloud
from tests.fakes.scanner import FakeScanner
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
