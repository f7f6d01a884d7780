"""The whole API over ASGI: real repositories on moto, fakes behind the ports."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.integration.api.client import ApiClient
from tests.integration.api.world import World, app_of, parts_of


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


@pytest.fixture
def world(tables: dict[str, str], runner: asyncio.Runner) -> Iterator[World]:
    """An empty Veza, and one browser that is not signed in."""
    parts = parts_of(tables)
    with ApiClient(app_of(parts), runner) as api:
        yield World(api=api, tables=tables, parts=parts)


@pytest.fixture
def artist(world: World) -> World:
    """The same with a verified artist signed in."""
    world.sign_in({"email": "ada@example.com", "username": "ada"})
    return world
