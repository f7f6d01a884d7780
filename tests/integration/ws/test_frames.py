"""The frames as they are published: the schema is the code's, the types are the schema's, and what is said fits."""

import json
import subprocess
from typing import Any

import jsonschema_rs
import pytest

from core.frames import schema
from core.frames.envelope import Data
from dev.paths import ROOT
from tests.integration.ws.conftest import Talker

FRAMES = ROOT / "docs" / "frames"
DOOR = pytest.mark.parametrize("door", schema.DOORS)


def valid(name: str, frame: object) -> bool:
    document = schema.document("chat")
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
    assert ada.api.get("/frames/chat.json").json() == schema.document("chat")
    assert ada.api.get("/frames/none.json").status_code == 422


def test_what_is_said_fits_the_schema(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers, his = ada.connect(), bob.connect()
    here: dict[str, Any] = {"conversation_id": conversation}
    asked = [
        ("hello", {}),
        ("ping", {"heads": [{**here, "seq": 0}]}),
        ("message.send", {**here, "client_id": "a1", "text": "Hi", "mentions": [bob.id]}),
        ("message.send", {**here, "client_id": "a2", "text": ""}),
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
