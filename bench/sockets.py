"""The chat socket on the deployed cloud: how fast a message is with everybody in a room, and what that takes.

MiniStack has one worker for each function of a WebSocket API, where AWS has as many as there are frames: handshakes and
frames wait in a line here, and rates are lower bounds. Clients are one process with one event loop on the same machine.
That worker could not hear a thousand heartbeats beside what is measured, so listeners are silent, and their rows say
that they are not; what a heartbeat takes is measured by itself.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from rich.console import Console
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bench import socket_costs
from bench.process_tree import FUNCTION_VARIABLE, PROC, living
from bench.socket_costs import Measured
from bench.throughput import percentile
from core.domain.sockets import CONNECTIONS_MAX
from dev.account import SignedIn
from dev.problem import Problem
from tests.cloud import Cloud, deployed, running_engine

NAME: Final = "sockets"
TALKER: Final = "chat-socket"
DELIVERER: Final = "deliveries"
PATIENCE_S: Final = 120.0
KEPT_S: Final = 600
"""So long a silent listener is kept at a time: a silence check can't be put off for longer than fifteen minutes."""
KEPT_EVERY: Final = 100
"""Handshakes; they take less than the silence that ends a socket."""
BEATS: Final = 10
"""Of each device of somebody."""
HEARTBEAT_S: Final = 30
WARM_UP: Final = 3
"""Messages before those that are measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    sizes: tuple[int, ...]
    messages: int


FULL: Final = Plan(sizes=(10, 100, 1_000), messages=20)
QUICK: Final = Plan(sizes=(3,), messages=3)


@dataclass(kw_only=True)
class Listener:
    """A socket that has the room open; `heard` is when each place of the log was told."""

    line: ClientConnection
    heard: dict[int, float] = field(default_factory=dict)
    answers: dict[str, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    told: asyncio.Event = field(default_factory=asyncio.Event)
    number: int = 0

    async def hears(self, seq: int) -> None:
        while seq not in self.heard:
            self.told.clear()
            await self.told.wait()

    async def read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in self.line:
                frame = json.loads(text)
                if frame["type"] == "message.sent":
                    self.heard.setdefault(frame["seq"], time.perf_counter())
                    self.told.set()
                elif (waiting := self.answers.pop(frame.get("id", ""), None)) is not None:
                    waiting.set_result(frame)

    async def ask(self, kind: str, **data: Any) -> dict[str, Any]:
        self.number += 1
        waiting = self.answers[str(self.number)] = asyncio.get_running_loop().create_future()
        await self.line.send(json.dumps({"type": kind, "id": str(self.number), "data": data}))
        answer = await asyncio.wait_for(waiting, PATIENCE_S)
        if answer["type"] != f"{kind}.ok":
            raise Problem(f"{kind} was refused: {str(answer)[:500]}")
        return dict(answer["data"])


def run(plan: Plan, console: Console) -> dict[str, Any]:
    """Everything measured, as it goes into the results file."""
    with running_engine() as engine, deployed(engine) as cloud:
        people = [cloud.register_verified_user() for _ in range(-(-max(plan.sizes) // CONNECTIONS_MAX))]
        console.print(f"{len(people)} people have registered")
        heartbeat_ms = asyncio.run(_heartbeat_ms(cloud, people[-1]))
        rooms: list[dict[str, Any]] = []
        for size in plan.sizes:
            rooms.append(asyncio.run(_room(cloud, people, size, plan.messages)))
            console.print(f"{size} listeners: {rooms[-1]['p50_ms']:.0f} ms in the middle")
    measured = _measured(rooms, heartbeat_ms)
    return {"rooms": rooms, "busy": asdict(measured), "costs": _costs(measured)}


async def _room(cloud: Cloud, people: Sequence[SignedIn], size: int, messages: int) -> dict[str, Any]:
    room = _post(cloud, people[0], "/conversations", {"kind": "room", "title": f"Stadium of {size}"})["id"]
    listeners: list[Listener] = []
    async with asyncio.TaskGroup() as group:
        began = time.perf_counter()
        for number in range(size):
            listeners.append(await _opened(cloud, people[number % len(people)], group))
            await listeners[-1].ask("room.open", conversation_id=room)
            if number % KEPT_EVERY == 0:
                _spoke(cloud, time.time() + KEPT_S)
        opening_s = time.perf_counter() - began
        _spoke(cloud, time.time() + KEPT_S)
        found = await _talked(listeners, room, messages)
        for listener in listeners:
            await listener.line.close()
    return {"listeners": size, "messages": messages, "opening_ms": opening_s * 1000 / size, **found}


async def _opened(cloud: Cloud, person: SignedIn, group: asyncio.TaskGroup) -> Listener:
    url = _post(cloud, person, "/ws/tickets", {"socket": "chat"})["url"]
    line = await connect(url, ping_interval=None, close_timeout=0, open_timeout=PATIENCE_S, proxy=None)
    listener = Listener(line=line)
    group.create_task(listener.read())
    await listener.ask("hello")
    return listener


def _spoke(cloud: Cloud, at: float) -> None:
    """As if every socket had said something then, and nothing since."""
    dynamodb, table = cloud.aws("dynamodb"), cloud.outputs["RealtimeTable"]
    then = {":then": {"N": str(int(at))}}
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="sk = :socket AND seen_at <> :then",
        ExpressionAttributeValues={":socket": {"S": "socket"}, **then},
        ProjectionExpression="pk, sk",
    )
    for key in [row for page in pages for row in page["Items"]]:
        dynamodb.update_item(
            TableName=table, Key=key, UpdateExpression="SET seen_at = :then", ExpressionAttributeValues=then
        )


async def _heartbeat_ms(cloud: Cloud, person: SignedIn) -> float:
    """CPU of one that comes when it should."""
    spent_s = 0.0
    async with asyncio.TaskGroup() as group:
        listeners = [await _opened(cloud, person, group) for _ in range(CONNECTIONS_MAX)]
        for _ in range(BEATS):
            _spoke(cloud, time.time() - HEARTBEAT_S)
            before = _cpu_s()[TALKER]
            for listener in listeners:
                await listener.ask("ping")
            spent_s += _cpu_s()[TALKER] - before
        for listener in listeners:
            await listener.line.close()
    return spent_s * 1000 / BEATS / len(listeners)


async def _first(listeners: Sequence[Listener], room: str, number: int) -> float:
    """Until everybody heard it: workers for the deliveries are started by the first ones."""
    sent = time.perf_counter()
    asked = {"conversation_id": room, "client_id": f"first-{number}", "text": "Is everybody there?"}
    seq = (await listeners[0].ask("message.send", **asked))["seq"]
    await asyncio.wait_for(asyncio.gather(*(it.hears(seq) for it in listeners)), PATIENCE_S)
    return (time.perf_counter() - sent) * 1000


async def _talked(listeners: Sequence[Listener], room: str, messages: int) -> dict[str, Any]:
    """One message after the other, the next one when everybody has heard the one before, or a minute is over."""
    talker, took_ms, answered_ms, missing = listeners[0], [], [], 0
    warm_up = [await _first(listeners, room, number) for number in range(WARM_UP)]
    before, began = _cpu_s(), time.perf_counter()
    last = 0
    for number in range(messages):
        sent = time.perf_counter()
        said = {"conversation_id": room, "client_id": f"m{number}", "text": "Hello, everybody. " * 4}
        last = (await talker.ask("message.send", **said))["seq"]
        answered_ms.append((time.perf_counter() - sent) * 1000)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(it.hears(last) for it in listeners)), PATIENCE_S / 2)
        took_ms += [(it.heard[last] - sent) * 1000 for it in listeners if last in it.heard]
        missing += sum(last not in it.heard for it in listeners)
    took_s, after = time.perf_counter() - began, _cpu_s()
    resumed = await listeners[-1].ask("sync", conversation_id=room, since=0)
    there = {update["seq"] for update in resumed["updates"] if update["type"] == "message.sent"}
    return {
        "first_ms": warm_up[0],
        "p50_ms": percentile(took_ms, 50),
        "p99_ms": percentile(took_ms, 99),
        "answered_p50_ms": percentile(answered_ms, 50),
        "deliveries_a_s": len(took_ms) / took_s,
        "not_told": missing,
        "lost_after_resume": WARM_UP + messages - len(there),
        "busy_ms": {name: (after[name] - before[name]) * 1000 / messages for name in (TALKER, DELIVERER)},
        "last": last,
    }


def _post(cloud: Cloud, person: SignedIn, path: str, body: dict[str, str]) -> dict[str, Any]:
    answer = cloud.http.post(f"{cloud.api_url}{path}", json=body, headers=person.headers)
    if not answer.is_success:
        raise Problem(f"{path} answered {answer.status_code}.", detail=answer.text[:500])
    return dict(answer.json())


def _cpu_s() -> dict[str, float]:
    """CPU seconds of the workers of both functions, so far."""
    found = {TALKER: 0.0, DELIVERER: 0.0}
    for process in living():
        try:
            entries = (PROC / str(process.pid) / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        for entry in entries:
            name = entry.removeprefix(FUNCTION_VARIABLE).decode(errors="replace").removeprefix("veza-local-")
            if entry.startswith(FUNCTION_VARIABLE) and name in found:
                found[name] += process.cpu_s
    return found


def _measured(rooms: Sequence[dict[str, Any]], heartbeat_ms: float) -> Measured:
    """From the smallest room what a message takes, from the largest what each listener adds."""
    small, large = rooms[0], rooms[-1]
    send_ms = small["busy_ms"][TALKER]
    post_ms = sum(large["busy_ms"].values()) / large["listeners"]
    return Measured(send_ms=send_ms, heartbeat_ms=heartbeat_ms, post_ms=post_ms)


def _costs(measured: Measured) -> dict[str, Any]:
    sizes = socket_costs.ROOMS
    per_1000 = [
        {
            "listeners": size,
            "dollars": socket_costs.message(size, measured) / size * 1000,
            "reads": socket_costs.message_units(size).reads / size * 1000,
            "writes": socket_costs.message_units(size).writes / size * 1000,
        }
        for size in sizes
    ]
    hours = [
        {
            "what": what,
            "dollars": socket_costs.connected_hour(measured, units),
            "reads": units.reads * socket_costs.BEATS_AN_HOUR,
            "writes": units.writes * socket_costs.BEATS_AN_HOUR,
        }
        for what, units in (
            ("only connected", socket_costs.HEARTBEAT),
            ("with a playback session", socket_costs.REPORT),
        )
    ]
    compared = [
        {
            "listeners": size,
            "a_minute": a_minute,
            "ours": socket_costs.room_hour(size, a_minute, measured),
            "elsewhere": socket_costs.room_hour_elsewhere(size, a_minute, measured),
        }
        for a_minute in socket_costs.MINUTES
        for size in sizes
    ]
    return {
        "per_1000_delivered": per_1000,
        "hours": hours,
        "compared": compared,
    }
