"""The frames as they are published: the schema is the code's, the types are the schema's, and what is said fits."""

import json
import subprocess
from typing import Any

import jsonschema_rs
import pytest

from core.frames import schema
from core.frames.envelope import Data
from dev.paths import ROOT
from tests import builders
from tests.integration.ws.conftest import Talker

FRAMES = ROOT / "docs" / "frames"
DOOR = pytest.mark.parametrize("door", schema.DOORS)


def valid(name: str, frame: object, door: str = "chat") -> bool:
    document = schema.document(door)
    return jsonschema_rs.is_valid({"$ref": f"#/$defs/{name}", "$defs": document["$defs"]}, frame)


@DOOR
def test_the_committed_schema_is_the_code_s(door: str) -> None:
    assert (FRAMES / f"{door}.json").read_text(encoding="utf-8") == schema.text(door), "run `make frames`"


@DOOR
def test_the_committed_types_are_the_schema_s(door: str) -> None:
    command = [str(ROOT / "node_modules/.bin/json2ts"), str(FRAMES / f"{door}.json"), "--maxItems=-1"]
    made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert (FRAMES / f"{door}.d.ts").read_text(encoding="utf-8") == made, "run `make frames`"


@DOOR
def test_types_of_frames_are_unique_and_answers_are_named_after_requests(door: str) -> None:
    answers, events = schema.DOORS[door]
    kinds: list[type[Data]] = [*answers, *answers.values(), *events]
    assert len({kind.type for kind in kinds}) == len(kinds)
    assert {answer.type for answer in answers.values()} == {f"{kind.type}.ok" for kind in answers}
    assert all(kind.__doc__ for kind in answers if kind.model_fields)


def test_it_is_served(ada: Talker) -> None:
    for door in schema.DOORS:
        assert ada.api.get(f"/frames/{door}.json").json() == schema.document(door)
    assert ada.api.get("/frames/none.json").status_code == 422


def test_what_is_said_fits_the_schema(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers, his = ada.connect(), bob.connect()
    here: dict[str, Any] = {"conversation_id": conversation}
    asked = [
        ("hello", {}),
        ("ping", {"heads": [{**here, "seq": 0}]}),
        ("message.send", {**here, "client_id": "a1", "text": "Hi", "mentions": [bob.id]}),
        ("message.send", {**here, "client_id": "", "text": "Hi"}),
        ("sync", {**here, "since": 0}),
        ("presence.watch", {"account_ids": [bob.id]}),
        ("pong", {}),
    ]
    for kind, data in asked:
        request = {"type": kind, "id": "1", "data": data}
        answer = hers.send(json.dumps(request))
        assert valid("ServerFrame", answer), answer
        assert valid("ClientFrame", request) == (answer["type"] != "error")
    told = his.hears()
    assert told
    assert all(valid("ServerFrame", frame) for frame in told)


def test_what_is_heard_fits_the_schema(ada: Talker, bob: Talker) -> None:
    track = ada.world.somebody_elses(builders.a_ready_track())
    stream = ada.world.parts.stream
    stream.storage.add(stream.media_bucket, f"{track.id}/{builders.a_media_result().content_id}/aac-128/init.mp4", b"x")
    hers, his = ada.listens(track_id=track.id), bob.listens()
    party = hers.ask("party.start")["party"]["party_id"]
    here = {"party_id": party}
    exchange = {"t0": 1000.0, "t1": 6040.0, "t2": 6050.0, "t3": 1110.0}
    asked: list[tuple[str, dict[str, Any]]] = [
        ("hello", {}),
        ("clock.sync", {"t0": 1.5, "previous": exchange}),
        ("session.load", {"track_id": track.id}),
        ("session.play", {"position_ms": 0}),
        ("session.report", {"position_ms": 1, "buffer_ms": 9, "bps": 1, "fetched": [{"bytes": 9000, "took_ms": 9}]}),
        ("session.pause", {"position_ms": 1}),
        ("session.seek", {"position_ms": 5000}),
        ("session.take", {}),
        ("media.renew", {}),
        ("chunks.send", {"rung": "aac-128", "segment": 0}),
        ("session.stop", {}),
        ("party.start", {}),
        ("party.join", here),
        ("party.lead", {**here, "track_id": track.id, "playing": True, "position_ms": 0}),
        ("ping", {"party": {**here, "seq": 1}}),
        ("party.pass", {**here, "account_id": ada.id}),
        ("party.leave", here),
        ("session.seek", {"position_ms": -1}),
        ("pong", {}),
    ]
    his.ask("party.join", **here)
    assert {kind for kind, _ in asked} == {kind.type for kind in schema.DOORS["stream"][0]} | {"pong"}
    for kind, data in asked:
        request = {"type": kind, "id": "1", "data": data}
        answer = hers.send(json.dumps(request))
        assert valid("ServerFrame", answer, "stream"), answer
        assert valid("ClientFrame", request, "stream") == (answer["type"] != "error"), answer
    told = [*hers.hears(), *his.hears()]
    assert {frame["type"] for frame in told} == {"session.changed", "party.changed", "chunk"}
    assert all(valid("ServerFrame", frame, "stream") for frame in told)
