"""Faults 16 and 19 of conversations: lines are cut, the gateway is busy, deliveries come late, twice and in any order,
the database refuses or loses its answer. In the end everybody has the same history: nothing lost or doubled, in order.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, rule, run_state_machine_as_test

from core.messages.work import Delivery
from core.store.connection import shared_connection
from tests.dynamodb_line import Line as DatabaseLine
from tests.dynamodb_line import cancelled, failure
from tests.integration.api.conftest import runner, world  # noqa: F401 - fixtures
from tests.integration.api.world import World
from tests.integration.ws.conftest import Line, Talker, talker  # noqa: F401 - fixtures

NAMES = ("ada", "bob", "eve", "kim")
SEEN = {"message.sent", "message.edited", "message.deleted", "reaction.changed", "pin.changed", "member.changed"}
FAULTS = {
    "throttled": failure("ProvisionedThroughputExceededException"),
    "two transactions meet": cancelled("TransactionConflict", "None"),
    "away": failure("InternalServerError"),
}


@dataclass
class Client:
    """Does what docs/realtime.md asks of clients: keeps what it is told by its place, and asks for what is missing."""

    talker: Talker
    conversation: str
    line: Line | None = None
    known: dict[int, dict[str, Any]] = field(default_factory=dict)
    unanswered: list[dict[str, Any]] = field(default_factory=list)
    """What it sent and got no answer to: sent again until there is one."""
    answered: dict[str, int] = field(default_factory=dict)

    @property
    def since(self) -> int:
        """As far as it knows everything."""
        place = 0
        while place + 1 in self.known:
            place += 1
        return place

    def listen(self) -> None:
        if self.line is not None:
            for frame in self.line.hears():
                if frame["type"] in SEEN:
                    self.keep(frame)

    def keep(self, frame: dict[str, Any]) -> None:
        about = (frame["type"], frame["data"].get("message", {}).get("seq") or frame["data"].get("message_seq"))
        before = self.known.setdefault(frame["seq"], {"about": about})
        assert before["about"] == about, "one place, one change"

    def say(self, kind: str, **data: Any) -> dict[str, Any]:
        assert self.line is not None
        body = {"type": kind, "id": "1", "data": {"conversation_id": self.conversation, **data}}
        answer: dict[str, Any] = self.line.send(json.dumps(body))
        self.listen()
        return answer

    def send(self, draft: dict[str, Any]) -> None:
        answer = self.say("message.send", **draft)
        if answer["type"] == "error":
            assert answer["error"]["code"] == "store_unavailable", answer
            if draft not in self.unanswered:
                self.unanswered.append(draft)
            return
        self.answered[draft["client_id"]] = answer["data"]["seq"]
        self.unanswered = [it for it in self.unanswered if it != draft]

    def catch_up(self) -> None:
        self.listen()
        while True:
            answer = self.say("sync", since=self.since)
            assert answer["type"] == "sync.ok", answer
            for update in answer["data"]["updates"]:
                self.keep(update)
            if not answer["data"]["more"]:
                break
        for draft in list(self.unanswered):
            self.send(draft)


class Conversations(RuleBasedStateMachine):
    """Set up by `history` below: hypothesis makes machines without arguments."""

    world: World
    people: dict[str, Talker]
    database: DatabaseLine
    messages = Bundle("messages")

    @initialize()
    def begin(self) -> None:
        host = self.people["ada"]
        others = [self.people[name].id for name in NAMES[1:]]
        group = host.begins("group", title="The band", account_ids=others)
        for name in NAMES[1:]:
            self.people[name].joins(group)
        self.clients = {name: Client(person, group) for name, person in self.people.items()}
        self.texts: dict[str, str] = {}
        self.world.parts.chat.deliveries.sent.clear()
        for client in self.clients.values():
            client.line = client.talker.connect()

    def at(self, name: str) -> Client | None:
        client = self.clients[name]
        return client if client.line is not None else None

    @rule(target=messages, name=st.sampled_from(NAMES), text=st.sampled_from(("Hi", "Listen", "Grüße", "音楽")))
    def say(self, name: str, text: str) -> str:
        client_id = f"m{len(self.texts)}"
        self.texts[client_id] = text
        client = self.at(name)
        draft = {"client_id": client_id, "text": text}
        if client is None:
            self.clients[name].unanswered.append(draft)
        else:
            client.send(draft)
        return client_id

    @rule(target=messages, name=st.sampled_from(NAMES))
    def say_unheard(self, name: str) -> str:
        """It is said, but the connection is cut before the answer comes."""
        client_id = f"m{len(self.texts)}"
        self.texts[client_id] = "Are you there?"
        client = self.clients[name]
        draft = {"client_id": client_id, "text": self.texts[client_id]}
        if client.line is not None:
            client.say("message.send", **draft)
            self.world.parts.chat.gateway.told.pop(client.line.connection_id, None)
            client.line = None
        client.unanswered.append(draft)
        return client_id

    @rule(name=st.sampled_from(NAMES), message=messages)
    def say_again(self, name: str, message: str) -> None:
        """The answer was lost on its way, so the client does not know."""
        client = self.at(name)
        if client is not None and message in client.answered:
            client.send({"client_id": message, "text": self.texts[message]})

    @rule(name=st.sampled_from(NAMES), message=messages, given=st.booleans())
    def react(self, name: str, message: str, given: bool) -> None:
        client, place = self.at(name), self._place(message)
        if client is not None and place is not None:
            client.say("reaction.set", seq=place, reaction="🎧", given=given)

    @rule(message=consumes(messages))
    def delete(self, message: str) -> None:
        client, place = self.at("ada"), self._place(message)
        if client is not None and place is not None:
            client.say("message.delete", seq=place)

    def _place(self, message: str) -> int | None:
        return next((it.answered[message] for it in self.clients.values() if message in it.answered), None)

    # -- what goes wrong

    @rule(name=st.sampled_from(NAMES), noticed=st.booleans())
    def cut(self, name: str, noticed: bool) -> None:
        client = self.at(name)
        if client is not None and client.line is not None:
            if noticed:
                client.line.close()
            else:
                self.world.parts.chat.gateway.told.pop(client.line.connection_id, None)
            client.line = None

    @rule(name=st.sampled_from(NAMES))
    def come_again(self, name: str) -> None:
        client = self.clients[name]
        if client.line is None:
            self.database.mend()
            client.line = client.talker.connect()
            client.catch_up()

    @rule(names=st.sets(st.sampled_from(NAMES)))
    def the_gateway_is_busy(self, names: set[str]) -> None:
        lines = [client.line for name, client in self.clients.items() if name in names]
        self.world.parts.chat.gateway.busy = {line.connection_id for line in lines if line is not None}

    @rule(seed=st.integers(0, 99), twice=st.booleans())
    def deliver_some(self, seed: int, twice: bool) -> None:
        """Some of what is queued, in any order, perhaps twice."""
        self.database.mend()
        queue = self.world.parts.chat.deliveries
        bodies, queue.sent[:] = list(queue.sent), []
        random.Random(seed).shuffle(bodies)
        for body in bodies[: len(bodies) // 2 + 1]:
            for _ in range(1 + twice):
                self.world.parts.chat.delivery_service().deliver(Delivery.model_validate_json(body))
        queue.sent += bodies[len(bodies) // 2 + 1 :]
        for client in self.clients.values():
            client.listen()

    @rule(fault=st.sampled_from(sorted(FAULTS)), calls=st.integers(1, 4), lost=st.booleans())
    def the_database_fails(self, fault: str, calls: int, lost: bool) -> None:
        self.database.mend()
        if lost:
            self.database.lost = [failure("RequestTimeout")] * calls
        else:
            self.database.failures = [FAULTS[fault]] * calls

    # -- in the end

    def teardown(self) -> None:
        if not hasattr(self, "clients"):
            return
        self.database.mend()
        self.world.parts.chat.gateway.busy = set()
        for client in self.clients.values():
            client.line = client.line or client.talker.connect()
            client.catch_up()
        for client in self.clients.values():
            client.catch_up()
        histories = [client.known for client in self.clients.values()]
        assert all(history == histories[0] for history in histories), "everybody has the same history"
        assert sorted(histories[0]) == list(range(1, len(histories[0]) + 1)), "without a gap"
        self._must_be_there_once()

    def _must_be_there_once(self) -> None:
        some = next(iter(self.clients.values()))
        answer = some.talker.api.get(f"/conversations/{some.conversation}/messages?limit=100").json()
        assert answer["next_cursor"] is None
        there = {it["client_id"]: it for it in answer["items"]}
        assert len(there) == len(answer["items"]), "nothing doubled"
        assert set(there) == set(self.texts), "nothing lost"
        for client_id, message in there.items():
            assert message["text"] == ("" if message.get("deleted_at") else self.texts[client_id])
            given = sum(count for _, count in message["reactions"].items())
            assert 0 <= given <= len(NAMES)
        for client in self.clients.values():
            assert all(there[client_id]["seq"] == seq for client_id, seq in client.answered.items())


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabaseLine]:
    client = shared_connection().client
    line = DatabaseLine(client._make_api_call)
    monkeypatch.setattr(client, "_make_api_call", line)
    monkeypatch.setattr("core.domain.backoff.random.uniform", lambda *_: 0.0)
    yield line
    line.mend()


def test_fault_16_and_19_whatever_happens_in_the_end_everybody_has_the_same_history(
    world: World,  # noqa: F811
    talker: Callable[[str], Talker],  # noqa: F811
    database: DatabaseLine,
) -> None:
    people = {name: talker(name) for name in NAMES}
    machine = type("History", (Conversations,), {"world": world, "people": people, "database": database})
    deep = settings.get_current_profile_name() == "deep"
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=200 if deep else 20,
            stateful_step_count=60 if deep else 40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),  # the schedule says enough; to shorten it takes minutes
        ),
    )
