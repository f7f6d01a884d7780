"""The stream socket as it is deployed, by a plain client, on a track that really went through the pipeline."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from core.domain.ids import new_id
from tests.faults.sounds import brief
from tests.people import Artist
from tests.talkers import PATIENCE_S, Line, Talker, acquaintance, ada, bob, eve  # noqa: F401 - fixtures
from ws.stream.service import KINDS

# ruff: noqa: F811 - what tests ask for are the fixtures above

TONE_S = 80


@pytest.fixture(scope="module")
def track_id(artist: Artist) -> str:
    found = artist.upload("tone.wav", brief(bytes(range(256)) * (8000 * TONE_S // 256)))
    artist.wait_for(found, "ready")
    assert artist.call("PATCH", f"/tracks/{found}", visibility="public").status_code == 200
    return found


def plays(talker: Talker, track_id: str) -> int:
    return int(talker.call("GET", f"/tracks/{track_id}/plays").json()["plays"])


def test_the_address_opens_a_session_and_its_media_can_be_heard(ada: Talker, track_id: str) -> None:
    line = ada.listens(track_id=track_id, position="3000")
    hello = line.ask("hello")
    assert hello["session"]["device_id"] == hello["device_id"]
    assert (hello["session"]["state"], hello["session"]["position_ms"]) == ("paused", 3000)
    playlist = ada.cloud.http.get(hello["media"]["hls_url"])
    assert playlist.status_code == 200
    assert "aac-128" in playlist.text
    assert {rung["name"] for rung in hello["media"]["rungs"]} >= {"aac-64", "aac-128", "aac-192", "aac-320"}


def test_a_ticket_of_the_other_door_opens_nothing(ada: Talker) -> None:
    query = ada.ticket("chat").partition("?")[2]
    with pytest.raises(InvalidStatus):
        ada.connect(f"{ada.cloud.outputs['StreamUrl']}?{query}")


def test_every_type_of_frame_is_answered_and_told(ada: Talker, bob: Talker, track_id: str) -> None:
    asked: set[str] = set()
    phone, laptop, his = ada.listens(), ada.listens(), bob.listens()

    def ask(line: Line, kind: str, **data: Any) -> dict[str, Any]:
        asked.add(kind)
        return line.ask(kind, **data)

    here = ask(phone, "hello")["device_id"]
    before = time.time() * 1000
    exchange = ask(phone, "clock.sync", t0=before)
    assert before - 50 <= exchange["t1"] <= exchange["t2"] <= time.time() * 1000 + 50
    loaded = ask(phone, "session.load", track_id=track_id)
    assert loaded["session"]["device_id"] == here
    assert ask(phone, "session.play", position_ms=0)["session"]["state"] == "playing"
    assert laptop.hears("session.changed", 2)[-1]["data"]["session"]["state"] == "playing"
    fetched = [{"bytes": 96_000, "took_ms": 400}]
    report = ask(phone, "session.report", position_ms=500, buffer_ms=12_000, bps=64_000, fetched=fetched)
    assert report["advice"]["bps"] in {rung["bps"] for rung in loaded["media"]["rungs"]}
    assert ask(phone, "session.seek", position_ms=10_000)["session"]["position_ms"] == 10_000
    assert ask(phone, "media.renew")["media"]["expires_at"] >= loaded["media"]["expires_at"]
    taken = ask(laptop, "session.take")["session"]
    assert 10_000 <= taken["position_ms"] < 10_000 + PATIENCE_S * 1000
    assert phone.refused("session.pause", position_ms=0) == "playing_elsewhere"
    ask(laptop, "session.pause", position_ms=12_000)
    chunk = ask(laptop, "chunks.send", rung="aac-64", segment=0)
    assert (chunk["segment"], chunk["offset"]) == (1, 0)
    assert base64.b64decode(laptop.hears("chunk")[0]["data"]["bytes"])[4:8] == b"ftyp"
    ask(laptop, "session.stop")

    party = ask(laptop, "party.start")["party"]["party_id"]
    ask(his, "party.join", party_id=party)
    led = ask(laptop, "party.lead", party_id=party, track_id=track_id, playing=True, position_ms=0)["party"]
    assert his.hears("party.changed")[0]["data"]["party"] == led
    assert ask(his, "ping", party={"party_id": party, "seq": 1})["party"] == led
    assert his.refused("party.lead", party_id=party, track_id=track_id, playing=True, position_ms=0) == "host_needed"
    ask(laptop, "party.pass", party_id=party, account_id=bob.id)
    assert his.hears("party.changed")[0]["data"]["party"]["host_id"] == bob.id
    ask(his, "party.leave", party_id=party)
    assert asked == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("session.load", {"track_id": new_id()}, "track_not_found"),
        ("session.load", {"track_id": "1"}, "validation_failed"),
        ("session.play", {"position_ms": 0}, "playing_elsewhere"),
        ("session.take", {}, "nothing_loaded"),
        ("party.join", {"party_id": new_id()}, "party_not_found"),
        ("clock.sync", {"t0": 1, "previous": {"t0": 9, "t1": 1, "t2": 0, "t3": 0}}, "sample_invalid"),
        ("message.send", {}, "type_unknown"),
    ],
)
def test_refusals(kind: str, data: dict[str, Any], code: str, eve: Talker) -> None:
    assert eve.listens().refused(kind, **data) == code


def test_a_track_comes_whole_in_chunks(bob: Talker, track_id: str) -> None:
    """Read to its end like a client that can't fetch, and compared with what the CDN serves."""
    line = bob.listens(track_id=track_id)
    media = line.ask("hello")["media"]
    base = media["hls_url"].rpartition("/")[0]
    segment, offset = 0, 0
    found: dict[int, bytes] = {}
    while segment < 5:
        answer = line.ask("chunks.send", rung="aac-64", segment=segment, offset=offset, count=8)
        for frame in line.told:
            if frame["type"] == "chunk":
                place = frame["data"]["segment"]
                found[place] = found.get(place, b"") + base64.b64decode(frame["data"]["bytes"])
        line.told.clear()
        segment, offset = answer["segment"], answer["offset"]
    for number, body in found.items():
        file = f"{number:05d}.m4s" if number else "init.mp4"
        assert ada_hears(bob, f"{base}/aac-64/{file}") == body


def ada_hears(talker: Talker, url: str) -> bytes:
    answer = talker.cloud.http.get(url)
    assert answer.status_code == 200
    return answer.content


def test_half_a_minute_is_one_play_of_the_deployed_system(bob: Talker, track_id: str) -> None:
    """The minute is not waited for: the session's anchor is put back in the table, as if it had begun earlier."""
    before = plays(bob, track_id)
    line = bob.listens(track_id=track_id)
    line.ask("hello")
    line.ask("session.play", position_ms=0)
    _began_earlier(bob, by_ms=31_000)
    assert line.ask("session.report", position_ms=31_000, buffer_ms=0, bps=0)["counted"] is True
    line.ask("session.report", position_ms=31_500, buffer_ms=0, bps=0)
    assert plays(bob, track_id) == before + 1


def _began_earlier(talker: Talker, *, by_ms: int) -> None:
    key = {"pk": {"S": f"account#{talker.id}"}, "sk": {"S": "playback"}}
    table = {"TableName": talker.cloud.outputs["RealtimeTable"], "Key": key}
    row = talker.cloud.aws("dynamodb").get_item(**table, ConsistentRead=True)["Item"]
    session = json.loads(row["session"]["S"])
    session["at"] -= by_ms
    talker.cloud.aws("dynamodb").update_item(
        **table,
        UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "session"},
        ExpressionAttributeValues={":s": {"S": json.dumps(session)}},
    )


def test_a_device_that_goes_leaves_the_session_to_the_others(acquaintance: Callable[[], Talker], track_id: str) -> None:
    guest = acquaintance()
    phone, laptop = guest.listens(track_id=track_id), guest.listens()
    phone.ask("hello")
    phone.ask("session.play", position_ms=0)
    laptop.hears("session.changed", 2)
    phone.socket.close()
    left = laptop.hears("session.changed")[0]["data"]["session"]
    assert (left["state"], left.get("device_id")) == ("paused", None)
    assert laptop.ask("session.take")["session"]["track_id"] == track_id
