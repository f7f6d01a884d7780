"""moto in process, made as atomic as DynamoDB is."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def mocked() -> Iterator[None]:
    """moto lets another thread in between a condition and its update; DynamoDB does not, for any item."""
    from moto import mock_aws  # a second to import, which only these tests have to spend
    from moto.dynamodb.responses import DynamoHandler

    one_at_a_time, act = threading.Lock(), DynamoHandler.call_action

    def atomically(handler: DynamoHandler) -> Any:
        with one_at_a_time:
            return act(handler)

    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setattr(DynamoHandler, "call_action", atomically)
        yield
