"""What frames ask of DynamoDB is what bench/socket_costs.py counts money for."""

from typing import Any

import pytest

from bench.socket_costs import HEARTBEAT, REPORT, SEND, Units
from core.store.connection import shared_connection
from tests import builders
from tests.integration.ws.conftest import Talker

FOLLOWERS = 0.5
"""The least that a query takes; with more followers more."""


class Meter:
    """Units of what is asked, for rows that fit into one each."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.reads, self.writes = 0.0, 0.0

    def __call__(self, operation: str, arguments: dict[str, Any]) -> Any:
        keys = sum(len(each["Keys"]) for each in arguments.get("RequestItems", {}).values())
        asked: list[dict[str, Any]] = [arguments, *arguments.get("RequestItems", {}).values()]
        strong = any(each.get("ConsistentRead") for each in asked)
        if operation in {"GetItem", "Query", "BatchGetItem"}:
            self.reads += (keys or 1) * (1 if strong else 0.5)
        elif operation == "TransactWriteItems":
            self.writes += 2 * len(arguments["TransactItems"])
        else:
            self.writes += 1
        return self.real(operation, arguments)

    def read(self) -> Units:
        """Since it was last read."""
        units, self.reads, self.writes = Units(reads=self.reads, writes=self.writes), 0.0, 0.0
        return units


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> Meter:
    client = shared_connection().client
    meter = Meter(client._make_api_call)
    monkeypatch.setattr(client, "_make_api_call", meter)
    return meter


def test_a_message_in_a_room(ada: Talker, meter: Meter) -> None:
    line, room = ada.connect(), ada.begins("room", title="Listening room")
    line.ask("room.open", conversation_id=room)
    line.ask("message.send", conversation_id=room, client_id="a1", text="Hello")
    meter.read()
    line.ask("message.send", conversation_id=room, client_id="a2", text="Hello")
    units = meter.read()
    assert (units.reads - FOLLOWERS, units.writes) == (SEND.reads, SEND.writes)


def test_a_heartbeat(ada: Talker, meter: Meter) -> None:
    line = ada.connect()
    ada.world.clock.advance(30)
    meter.read()
    line.ask("ping")
    assert meter.read() == HEARTBEAT


def test_a_report(ada: Talker, meter: Meter) -> None:
    track = ada.world.somebody_elses(builders.a_ready_track(media=builders.a_media_result(duration_ms=3_600_000)))
    line = ada.listens(track_id=track.id)
    line.ask("hello")
    line.ask("session.play", position_ms=0)
    for at in (30, 60):
        ada.world.clock.advance(30)
        meter.read()
        line.ask("session.report", position_ms=at * 1000, buffer_ms=20_000, bps=136_000)
    assert meter.read() == REPORT, "the second one: with the first it became a play"
