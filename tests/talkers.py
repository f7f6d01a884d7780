"""People at the deployed sockets: a plain WebSocket client, and HTTP for the rest."""

import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.cloud import Cloud
from tests.people import Artist, signed_in

Frame = dict[str, Any]
PATIENCE_S = 60.0
"""Far above what anything takes: the first call of a function starts it."""


@dataclass(kw_only=True)
class Line:
    """An open socket. What is told while an answer is waited for is kept."""

    socket: ClientConnection
    told: list[Frame] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def send(self, kind: str, **data: Any) -> str:
        number = f"r{next(self.numbers)}"
        self.socket.send(json.dumps({"type": kind, "id": number, "data": data}))
        return number

    def answer_to(self, number: str) -> Frame:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            frame = self._next(until - time.monotonic())
            if frame.get("id") == number:
                return frame
            self.told.append(frame)
        raise AssertionError(f"no answer to {number}")

    def ask(self, kind: str, **data: Any) -> Frame:
        """The answer's data."""
        answer = self.answer_to(self.send(kind, **data))
        assert answer["type"] == f"{kind}.ok", answer
        return dict(answer["data"])

    def refused(self, kind: str, **data: Any) -> str:
        """The code of the refusal."""
        answer = self.answer_to(self.send(kind, **data))
        assert answer["type"] == "error", answer
        return str(answer["error"]["code"])

    def hears(self, kind: str, count: int = 1) -> list[Frame]:
        """The next `count` frames of that kind; others are let go."""
        until = time.monotonic() + PATIENCE_S
        found: list[Frame] = []
        while len(found) < count:
            frame = self.told.pop(0) if self.told else self._next(until - time.monotonic())
            if frame["type"] == kind:
                found.append(frame)
        return found

    def hears_nothing(self, within_s: float = 1.0) -> None:
        assert self.told == []
        with pytest.raises(TimeoutError):
            self._next(within_s)

    def ends(self) -> list[Frame]:
        """Whatever is told until the server closes."""
        while True:
            try:
                self.told.append(self._next(PATIENCE_S))
            except ConnectionClosed:
                return self.told

    def _next(self, within_s: float) -> Frame:
        frame: Frame = json.loads(self.socket.recv(timeout=max(0.0, within_s)))
        return frame


@dataclass(kw_only=True)
class Talker:
    """Somebody with an account."""

    cloud: Cloud
    person: Artist
    lines: ExitStack

    @property
    def id(self) -> str:
        return self.person.account_id

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return self.person.http.request(method, f"{self.cloud.api_url}{path}", json=body, headers=headers)

    def ticket(self, door: str = "chat", **headers: str) -> str:
        """The address to connect to, with the ticket in it."""
        answer = self.call("POST", "/ws/tickets", {"socket": door}, **headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["url"])

    def connect(self, url: str | None = None, origin: str | None = None) -> Line:
        """A device of theirs. Raises InvalidStatus if the door refuses."""
        url = url or self.ticket()
        # Whoever closes does not wait for the answer: MiniStack takes half a second for it.
        dialled = connect(url, origin=origin, open_timeout=PATIENCE_S, close_timeout=0, ping_interval=None, proxy=None)  # type: ignore[arg-type]
        return Line(socket=self.lines.enter_context(dialled))

    def listens(self, **address: str) -> Line:
        """A device of theirs at the stream socket, with that in its address."""
        return self.connect(f"{self.ticket('stream')}&{urlencode(address)}")

    def begins(self, kind: str, **body: Any) -> str:
        answer = self.call("POST", "/conversations", {"kind": kind, **body})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def joins(self, conversation_id: str) -> None:
        answer = self.call("POST", f"/conversations/{conversation_id}/join")
        assert answer.status_code == 200, answer.text

    def announces(self, conversation_id: str, filename: str, content: bytes) -> dict[str, Any]:
        """An attachment, and where to send it."""
        order = {"filename": filename, "size_bytes": len(content)}
        answer = self.call("POST", f"/conversations/{conversation_id}/attachments", order)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def puts(self, announced: dict[str, Any], content: bytes) -> httpx.Response:
        put = announced["put"]
        return self.cloud.http.put(put["url"], content=content, headers=put["headers"])

    def looks_at(self, conversation_id: str, attachment_id: str) -> httpx.Response:
        return self.call("GET", f"/conversations/{conversation_id}/attachments/{attachment_id}")

    def attaches(self, conversation_id: str, filename: str, content: bytes) -> dict[str, Any]:
        """What the scan made of it."""
        announced = self.announces(conversation_id, filename, content)
        sent = self.puts(announced, content)
        assert sent.status_code == 200, sent.text
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            answer = self.looks_at(conversation_id, announced["attachment"]["id"])
            assert answer.status_code == 200, answer.text
            if answer.json()["state"] != "announced":
                return dict(answer.json())
            time.sleep(0.2)
        raise AssertionError("the scan did not come to an end")

    def history(self, conversation_id: str) -> list[Frame]:
        """All of it, the oldest message first."""
        found: list[Frame] = []
        before = ""
        while True:
            answer = self.call("GET", f"/conversations/{conversation_id}/messages?limit=100{before}")
            assert answer.status_code == 200, answer.text
            found += answer.json()["items"]
            if answer.json()["next_cursor"] is None:
                return found[::-1]
            before = f"&before={answer.json()['next_cursor']}"


@pytest.fixture(scope="session")
def acquaintance(cloud: Cloud) -> Iterator[Callable[[], Talker]]:
    """Somebody new; gone with the run."""
    with ExitStack() as people:

        def make() -> Talker:
            person = people.enter_context(signed_in(cloud))
            return Talker(cloud=cloud, person=person, lines=people.enter_context(ExitStack()))

        yield make


@pytest.fixture(scope="module")
def ada(acquaintance: Callable[[], Talker]) -> Talker:
    return acquaintance()


@pytest.fixture(scope="module")
def bob(acquaintance: Callable[[], Talker]) -> Talker:
    return acquaintance()


@pytest.fixture(scope="module")
def eve(acquaintance: Callable[[], Talker]) -> Talker:
    return acquaintance()
