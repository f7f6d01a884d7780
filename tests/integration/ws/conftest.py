"""People in conversations, each with devices of their own: everything but the gateway and DynamoDB is real."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from core.domain.ids import AccountId, new_id
from core.domain.sockets import ConnectionId, Door
from tests.integration.api.client import ApiClient
from tests.integration.api.conftest import runner, world  # noqa: F401 - fixtures
from tests.integration.api.world import World
from ws.gateway import CONNECT, SocketEvent

Frame = dict[str, Any]


@dataclass(kw_only=True)
class Line:
    """An open socket."""

    world: World
    connection_id: ConnectionId
    door: Door = Door.CHAT

    def send(self, body: str, *, binary: bool = False) -> Frame:
        told = SocketEvent(kind="MESSAGE", connection_id=self.connection_id, body=body, binary=binary)
        answer: Frame = json.loads(self.world.desk(self.door).frame(told))
        return answer

    def ask(self, kind: str, **data: Any) -> Frame:
        """The answer's data."""
        answer = self.send(json.dumps({"type": kind, "id": "1", "data": data}))
        assert answer["id"] == "1"
        assert answer["type"] == f"{kind}.ok", answer
        return dict(answer["data"])

    def refused(self, kind: str, **data: Any) -> str:
        """The code of the refusal."""
        answer = self.send(json.dumps({"type": kind, "id": "1", "data": data}))
        assert answer["type"] == "error", answer
        return str(answer["error"]["code"])

    def hears(self, kind: str = "") -> list[Frame]:
        """What it was told since it was last asked, of that kind."""
        told = self.world.parts.chat.gateway.told.get(self.connection_id, [])
        frames = [json.loads(frame) for frame in told]
        told.clear()
        return [frame for frame in frames if not kind or frame["type"] == kind]

    def is_open(self) -> bool:
        return self.connection_id in self.world.parts.chat.gateway.told

    def close(self) -> None:
        self.world.parts.chat.gateway.told.pop(self.connection_id, None)
        self.world.desk(self.door).disconnect(SocketEvent(kind="DISCONNECT", connection_id=self.connection_id))


@dataclass(kw_only=True)
class Talker:
    """Somebody with an account."""

    world: World
    api: ApiClient
    id: AccountId

    def ticket(self, door: Door = Door.CHAT, **headers: str) -> str:
        answer = self.api.post("/ws/tickets", {"socket": door}, headers=headers)
        assert answer.status_code == 201, answer.text
        url: str = answer.json()["url"]
        return parse_qs(urlsplit(url).query)["ticket"][0]

    def connect(self, ticket: str | None = None, origin: str = "") -> Line:
        """A device of theirs. Raises what the door refuses with."""
        connection_id = ConnectionId(new_id())
        told = SocketEvent(kind=CONNECT, connection_id=connection_id, ticket=ticket or self.ticket(), origin=origin)
        return self._connect(Door.CHAT, told)

    def comes_again(self) -> Line:
        """After hours, signed in anew."""
        self.api.token = self.world.token_of(self.id)
        return self.connect()

    def listens(self, **address: str) -> Line:
        """A device of theirs at the stream socket, with that in its address."""
        ticket, connection_id = self.ticket(Door.STREAM), ConnectionId(new_id())
        return self._connect(
            Door.STREAM, SocketEvent(kind=CONNECT, connection_id=connection_id, ticket=ticket, address=address)
        )

    def _connect(self, door: Door, told: SocketEvent) -> Line:
        self.world.desk(door).connect(told)
        self.world.parts.chat.gateway.connect(told.connection_id)
        return Line(world=self.world, connection_id=told.connection_id, door=door)

    def begins(self, kind: str, **body: Any) -> str:
        answer = self.api.post("/conversations", {"kind": kind, **body})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def writes_to(self, other: "Talker") -> str:
        """Their direct conversation."""
        return self.begins("direct", account_id=other.id)

    def joins(self, conversation_id: str) -> None:
        assert self.api.post(f"/conversations/{conversation_id}/join").status_code == 200


@pytest.fixture
def talker(world: World) -> Callable[[str], Talker]:  # noqa: F811
    """Somebody new of that name."""

    def make(name: str) -> Talker:
        api = world.another_person(name)
        account = world.parts.accounts.find_by_email(f"{name}@example.com")
        assert account is not None
        return Talker(world=world, api=api, id=account.id)

    return make


@pytest.fixture
def ada(talker: Callable[[str], Talker]) -> Talker:
    return talker("ada")


@pytest.fixture
def bob(talker: Callable[[str], Talker]) -> Talker:
    return talker("bob")


@pytest.fixture
def eve(talker: Callable[[str], Talker]) -> Talker:
    return talker("eve")
