"""What routes ask for: the area's service. Who is calling is the matter of access.py."""

from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

from fastapi import Request

ServiceT = TypeVar("ServiceT")


def provided(kind: type[ServiceT]) -> Callable[[Request], Awaitable[ServiceT]]:
    """A dependency that hands out the app's one service of that type."""

    async def provide(request: Request) -> ServiceT:
        return cast("ServiceT", request.app.state.services[kind])

    return provide
