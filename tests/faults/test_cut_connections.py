"""Fault 19 on the deployed cloud: fifty devices talk at once while their connections are cut at random. After they have
resumed all of them have the same history, which is the table's."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed

from tests.talkers import Line, Talker, acquaintance  # noqa: F401 - a fixture

PEOPLE, DEVICES = 13, 4
FEW, MANY = 1, 5
"""Messages of each device."""
FEW_AT_ONCE = threading.Semaphore(3)
"""MiniStack starts a process for every request that comes while others are answered, which takes seconds each."""


class Ended(Exception):
    """So many lines of one account were lost at once that this one was taken for one of them: it comes again."""


@dataclass(kw_only=True)
class Device:
    """Does what docs/realtime.md asks of clients."""

    talker: Talker
    conversation: str
    name: str
    dice: random.Random
    known: dict[int, dict[str, Any]] = field(default_factory=dict)
    said: dict[str, int] = field(default_factory=dict)
    cuts: int = 0
    line: Line | None = None

    def talk(self, messages: int) -> None:
        for n in range(messages):
            client_id = f"{self.name}-{n}"
            while client_id not in self.said:
                self._try(client_id)

    def _try(self, client_id: str) -> None:
        """Perhaps the connection is cut before the answer comes: then it is said again on the next one."""
        try:
            line = self.line = self.line or self._come()
            if self.dice.random() < 0.4:
                line.send("message.send", conversation_id=self.conversation, client_id=client_id, text=client_id)
                self.cuts += 1
                line.socket.socket.close()
                self.line = None
            else:
                said = self._ask(line, "message.send", client_id=client_id, text=client_id)
                self.said[client_id] = said["seq"]
                self._keep(line.told)
        except (ConnectionClosed, Ended):
            self.line = None

    def _come(self) -> Line:
        with FEW_AT_ONCE:
            url = self.talker.ticket()
        line = self.talker.connect(url)
        self.catch_up(line)
        return line

    def catch_up(self, line: Line) -> None:
        more = True
        while more:
            missed = self._ask(line, "sync", since=self._since())
            self._keep(line.told)
            self._keep(missed["updates"])
            more = missed["more"]

    def _ask(self, line: Line, kind: str, **data: Any) -> dict[str, Any]:
        answer = line.answer_to(line.send(kind, conversation_id=self.conversation, **data))
        if answer["type"] == "error":
            assert answer["error"]["code"] == "session_ended", answer
            raise Ended
        return dict(answer["data"])

    def _since(self) -> int:
        place = 0
        while place + 1 in self.known:
            place += 1
        return place

    def _keep(self, frames: list[dict[str, Any]]) -> None:
        for frame in frames:
            if "seq" in frame:
                before = self.known.setdefault(frame["seq"], frame["data"])
                assert before == frame["data"], "one place, one change"
        frames.clear()


def test_fault_19_fifty_devices_whose_connections_are_cut_have_one_history(
    acquaintance: Callable[[], Talker],  # noqa: F811
    *,
    deep: bool,
) -> None:
    messages = MANY if deep else FEW
    people = [acquaintance() for _ in range(PEOPLE)]
    group = people[0].begins("group", title="The choir", account_ids=[person.id for person in people[1:]])
    for person in people[1:]:
        person.joins(group)
    devices = [
        Device(talker=person, conversation=group, name=f"p{number}d{n}", dice=random.Random(number * 10 + n))
        for number, person in enumerate(people)
        for n in range(DEVICES)
    ]
    start = threading.Barrier(len(devices))

    def live(device: Device) -> None:
        start.wait()
        device.talk(messages)

    with ThreadPoolExecutor(len(devices)) as pool:
        list(pool.map(live, devices))
    assert sum(device.cuts for device in devices) > len(devices) / 4

    late = people[0].connect()
    for device in devices:
        device.catch_up(late)
    histories = [device.known for device in devices]
    assert all(history == histories[0] for history in histories)
    assert sorted(histories[0]) == list(range(1, len(histories[0]) + 1)), "without a gap"
    told = [data["message"] for _, data in sorted(histories[0].items()) if "message" in data]
    assert sorted(it["client_id"] for it in told) == sorted(
        f"{device.name}-{n}" for device in devices for n in range(messages)
    ), "nothing lost, nothing doubled"
    assert [it["seq"] for it in people[0].history(group)] == [it["seq"] for it in told], "in the order of the table"
    for device in devices:
        seqs = [device.said[f"{device.name}-{n}"] for n in range(messages)]
        assert seqs == sorted(seqs), "what one says comes in the order it was said"
        with suppress(ConnectionClosed):
            if device.line is not None:
                device.line.socket.close()
