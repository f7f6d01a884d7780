"""A pipeline at rest, for tests that break it."""

import pytest

from tests.cloud import Cloud
from tests.faults.pipeline import Pipeline

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
