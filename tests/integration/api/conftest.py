"""The whole API over ASGI: real repositories on moto, fakes behind the ports."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.integration.api.client import ApiClient
from tests.integration.api.parts import parts_of, provide, whole_app
from tests.integration.api.world import World

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


@pytest.fixture
def world(dynamodb: "DynamoDBClient", tables: dict[str, str], runner: asyncio.Runner) -> Iterator[World]:
    """An empty Veza, and one browser that is not signed in."""
    parts = parts_of(tables)
    app = whole_app()
    provide(app, parts)
    with ApiClient(app, runner) as api:
        yield World(api=api, dynamodb=dynamodb, tables=tables, parts=parts)


@pytest.fixture
def artist(world: World) -> World:
    """The same with a verified artist signed in."""
    world.be("ada")
    return world
