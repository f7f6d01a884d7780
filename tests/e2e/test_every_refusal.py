"""Every code that the sockets refuse with, on the deployed stack; the protocol's pages tell of no other."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest

from core.domain.ids import new_id
from core.limiter import opaque
from dev.paths import ROOT
from tests.corpus import eicar
from tests.corpus.attached import PNG
from tests.faults.sounds import brief
from tests.people import Artist
from tests.talkers import PATIENCE_S, Line, Talker, acquaintance, ada, bob  # noqa: F401 - fixtures

# ruff: noqa: F811 - what tests ask for are the fixtures above

EMOJIS: Final = [chr(0x1F600 + n) for n in range(21)]
TONE_S: Final = 80
FAR_AHEAD: Final = 18
"""A segment that begins more than a minute after the first."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Ada and Bob have a direct conversation, and a room of Ada's that both are in."""

    acquaintance: Callable[[], Talker]
    ada: Talker
    bob: Talker
    direct: str
    room: str
    track_id: str

    def says(self, line: Line, conversation_id: str | None = None, **more: Any) -> int:
        """In the direct conversation, unless another is named."""
        said = {"conversation_id": conversation_id or self.direct, "client_id": new_id(), "text": "Hi", **more}
        return int(line.ask("message.send", **said)["seq"])

    def refused(self, line: Line, conversation_id: str | None = None, **more: Any) -> str:
        said = {"conversation_id": conversation_id or self.direct, "client_id": new_id(), "text": "Hi", **more}
        return line.refused("message.send", **said)

    def a_room(self) -> str:
        """Another one of Ada's, with Bob in it."""
        room = self.ada.begins("room", title="Listening room")
        self.bob.joins(room)
        return room

    def use_up(self, rate: str, talker: Talker) -> None:
        """As if somebody had used all of that rate within this minute."""
        dynamodb = talker.cloud.aws("dynamodb")
        (table,) = (name for name in dynamodb.list_tables()["TableNames"] if name.endswith("-counters"))
        ends = (int(time.time()) // 60 + 1) * 60
        row = {"pk": {"S": f"rate#{rate}#{opaque(talker.id)}#{ends}"}, "uses": {"N": str(10**9)}, "ttl": {"N": "0"}}
        dynamodb.put_item(TableName=table, Item=row)


@pytest.fixture(scope="module")
def scene(acquaintance: Callable[[], Talker], ada: Talker, bob: Talker, artist: Artist) -> Scene:
    track_id = artist.upload("tone.wav", brief(bytes(range(256)) * (8000 * TONE_S // 256)))
    room = ada.begins("room", title="Listening room")
    bob.joins(room)
    direct = ada.begins("direct", account_id=bob.id)
    artist.wait_for(track_id, "ready")
    assert artist.call("PATCH", f"/tracks/{track_id}", visibility="public").status_code == 200
    return Scene(acquaintance=acquaintance, ada=ada, bob=bob, direct=direct, room=room, track_id=track_id)


# -- chat


def raw(line: Line, body: str | bytes) -> str:
    line.socket.send(body)
    return str(json.loads(line.socket.recv(timeout=PATIENCE_S))["error"]["code"])


def banned(it: Scene) -> str:
    room = it.a_room()
    assert it.ada.call("PUT", f"/conversations/{room}/bans/{it.bob.id}").status_code == 204
    return it.bob.connect().refused("sync", conversation_id=room, since=0)


def muted(it: Scene) -> str:
    room = it.a_room()
    muted = it.ada.call("PATCH", f"/conversations/{room}/members/{it.bob.id}", {"muted_for_s": 60})
    assert muted.status_code == 200, muted.text
    return it.refused(it.bob.connect(), room)


def slow_mode(it: Scene) -> str:
    room, line = it.a_room(), it.bob.connect()
    assert it.ada.call("PATCH", f"/conversations/{room}", {"slow_mode_s": 60}).status_code == 200
    it.says(line, room)
    return it.refused(line, room)


def blocked(it: Scene) -> str:
    guest = it.acquaintance()
    direct = guest.begins("direct", account_id=it.ada.id)
    assert guest.call("PUT", f"/blocks/{it.ada.id}").status_code == 204
    return it.refused(it.ada.connect(), direct)


def rate_limited(it: Scene) -> str:
    guest = it.acquaintance()
    direct, line = guest.begins("direct", account_id=it.ada.id), guest.connect()
    while True:  # the minute may end between the two
        it.use_up("messages_by_account", guest)
        said = {"conversation_id": direct, "client_id": new_id(), "text": "Hi"}
        answer = line.answer_to(line.send("message.send", **said))
        if answer["type"] == "error":
            assert 0 < answer["error"]["retry_after_s"] <= 60
            return str(answer["error"]["code"])


def attachment_not_ready(it: Scene) -> str:
    announced = it.ada.announces(it.direct, "cover.png", PNG)
    return it.refused(it.ada.connect(), attachments=[announced["attachment"]["id"]])


def attachment_taken(it: Scene) -> str:
    line, picture = it.ada.connect(), it.ada.attaches(it.direct, "cover.png", PNG)["id"]
    it.says(line, attachments=[picture])
    return it.refused(line, attachments=[picture])


def attachment_refused(it: Scene) -> str:
    malware = it.ada.attaches(it.direct, "notes.txt", eicar())["id"]
    return it.refused(it.ada.connect(), attachments=[malware])


def reactions_too_many(it: Scene) -> str:
    line = it.ada.connect()
    about = {"conversation_id": it.direct, "seq": it.says(line), "given": True}
    for sign in EMOJIS[:-1]:
        line.ask("reaction.set", **about, reaction=sign)
    return line.refused("reaction.set", **about, reaction=EMOJIS[-1])


def pins_too_many(it: Scene) -> str:
    line, room = it.ada.connect(), it.a_room()
    for _ in range(50):
        line.ask("pin.set", conversation_id=room, seq=it.says(line, room), pinned=True)
    return line.refused("pin.set", conversation_id=room, seq=it.says(line, room), pinned=True)


def rooms_too_many(it: Scene) -> str:
    line = it.ada.connect()
    for _ in range(20):
        line.ask("room.open", conversation_id=it.ada.begins("room", title="One of many"))
    return line.refused("room.open", conversation_id=it.room)


CHAT: Final[Mapping[str, Callable[[Scene], str]]] = {
    "frame_invalid": lambda it: raw(it.ada.connect(), "no JSON"),
    "type_unknown": lambda it: it.ada.connect().refused("pong"),
    "validation_failed": lambda it: it.ada.connect().refused("ping", heads=1),
    "conversation_not_found": lambda it: it.ada.connect().refused("sync", conversation_id=new_id(), since=0),
    "banned": banned,
    "not_joined": lambda it: it.refused(it.acquaintance().connect(), it.room),
    "muted": muted,
    "slow_mode": slow_mode,
    "blocked": blocked,
    "rate_limited": rate_limited,
    "text_invalid": lambda it: it.refused(it.ada.connect(), text=" "),
    "reply_invalid": lambda it: it.refused(it.ada.connect(), reply_to=99_999),
    "track_not_found": lambda it: it.refused(it.ada.connect(), track_id=new_id()),
    "attachment_not_found": lambda it: it.refused(it.ada.connect(), attachments=[new_id()]),
    "attachment_not_ready": attachment_not_ready,
    "attachment_taken": attachment_taken,
    "attachment_refused": attachment_refused,
    "message_not_found": lambda it: it.ada.connect().refused(
        "message.edit", conversation_id=it.direct, seq=99_999, text="Hi"
    ),
    "not_author": lambda it: it.bob.connect().refused(
        "message.edit", conversation_id=it.direct, seq=it.says(it.ada.connect()), text="Hi"
    ),
    "moderator_needed": lambda it: it.bob.connect().refused(
        "message.delete", conversation_id=it.room, seq=it.says(it.ada.connect(), it.room)
    ),
    "reaction_invalid": lambda it: it.ada.connect().refused(
        "reaction.set", conversation_id=it.direct, seq=it.says(it.bob.connect()), reaction="x", given=True
    ),
    "reactions_too_many": reactions_too_many,
    "pins_too_many": pins_too_many,
    "presence_private": lambda it: it.ada.connect().refused("presence.watch", account_ids=[new_id()]),
    "rooms_too_many": rooms_too_many,
    "not_public": lambda it: it.ada.connect().refused("room.open", conversation_id=it.direct),
    "not_direct": lambda it: it.ada.connect().refused(
        "call.signal", conversation_id=it.room, call_id="c", step="offer"
    ),
}


def test_a_binary_frame_is_refused_and_the_socket_stays(scene: Scene) -> None:
    """MiniStack hands it on as text that is none; where the gateway says what it is, it is `frame_binary`."""
    line = scene.ada.connect()
    assert raw(line, b"\x00\xff") == "frame_invalid"
    line.ask("ping")


@pytest.mark.parametrize("code", CHAT)
def test_chat(code: str, scene: Scene) -> None:
    assert CHAT[code](scene) == code


# -- stream


def loaded(it: Scene) -> Line:
    line = it.acquaintance().listens(track_id=it.track_id)
    line.ask("hello")
    return line


def not_playable_yet(it: Scene) -> str:
    draft = it.ada.person.announce("tone.wav", brief())["track_id"]
    return it.ada.listens().refused("session.load", track_id=draft)


def playing_elsewhere(it: Scene) -> str:
    phone, laptop = it.bob.listens(), it.bob.listens()
    phone.ask("session.load", track_id=it.track_id)
    return laptop.refused("session.pause", position_ms=0)


def host_needed(it: Scene) -> str:
    party = it.ada.listens().ask("party.start")["party"]["party_id"]
    line = it.bob.listens()
    line.ask("party.join", party_id=party)
    return line.refused("party.lead", party_id=party, track_id=it.track_id, playing=True, position_ms=0)


def listener_not_found(it: Scene) -> str:
    line = it.ada.listens()
    party = line.ask("party.start")["party"]["party_id"]
    return line.refused("party.pass", party_id=party, account_id=it.bob.id)


def parties_too_many(it: Scene) -> str:
    line = it.ada.listens()
    for _ in range(20):
        line.ask("party.start")
    return line.refused("party.start")


def too_often(it: Scene) -> str:
    guest = it.acquaintance()
    line = guest.listens()
    while True:  # the minute may end between the two
        it.use_up("listening_by_account", guest)
        answer = line.answer_to(line.send("session.load", track_id=it.track_id))
        if answer["type"] == "error":
            return str(answer["error"]["code"])


STREAM: Final[Mapping[str, Callable[[Scene], str]]] = {
    "address_invalid": lambda it: it.ada.listens(track_id="x").refused("hello"),
    "track_not_found": lambda it: it.ada.listens().refused("session.load", track_id=new_id()),
    "not_playable_yet": not_playable_yet,
    "position_invalid": lambda it: loaded(it).refused("session.play", position_ms=TONE_S * 2000),
    "playing_elsewhere": playing_elsewhere,
    "nothing_loaded": lambda it: it.acquaintance().listens().refused("session.take"),
    "rooms_too_many": parties_too_many,
    "party_not_found": lambda it: it.ada.listens().refused("party.join", party_id=new_id()),
    "host_needed": host_needed,
    "listener_not_found": listener_not_found,
    "too_far_ahead": lambda it: loaded(it).refused("chunks.send", rung="aac-64", segment=FAR_AHEAD),
    "rung_not_found": lambda it: loaded(it).refused("chunks.send", rung="aac-7", segment=0),
    "sample_invalid": lambda it: it.ada.listens().refused(
        "clock.sync", t0=1, previous={"t0": 9, "t1": 1, "t2": 0, "t3": 0}
    ),
    "rate_limited": too_often,
}


@pytest.mark.parametrize("code", STREAM)
def test_stream(code: str, scene: Scene) -> None:
    assert STREAM[code](scene) == code


# -- and no others

ELSEWHERE: Final[Mapping[str, str]] = {
    "frame_binary": "integration/ws/test_doors.py, whose gateway says what is binary",
    "session_ended": "e2e/test_chat.py",
    "frame_too_large": "e2e/test_chat.py",
    "store_unavailable": "faults/test_conversations.py, which can take the database away",
    "segment_not_found": "integration/ws/test_listening.py, which can stop a transcode half way",
    "stale_member": "integration/ws/test_refusals.py, where another device is faster every time",
}
"""What can't be provoked from outside, or ends the socket, and where it is tested."""


def test_the_pages_tell_of_no_other() -> None:
    docs = ROOT / "docs"
    codes = set(re.findall(r"^\| `(\w+)` \| \d{3} \|", (docs / "errors.md").read_text("utf-8"), re.MULTILINE))
    asked = (
        (docs / "realtime.md").read_text("utf-8").partition("## What you ask")[2].partition("## What you are told")[0]
    )
    told = {word for page in (asked, (docs / "stream.md").read_text("utf-8")) for word in re.findall(r"`(\w+)`", page)}
    assert told & codes == CHAT.keys() | STREAM.keys() | ELSEWHERE.keys()
