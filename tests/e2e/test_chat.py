"""The chat socket as it is deployed, by a plain WebSocket client: the handshake, every frame, every way it ends."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.talkers import PATIENCE_S, Line, Talker, acquaintance, ada, bob, eve  # noqa: F401 - fixtures
from ws.chat.service import KINDS

# ruff: noqa: F811 - what tests ask for are the fixtures above


def refusal(talker: Talker, url: str, origin: str | None = None) -> int:
    with pytest.raises(InvalidStatus) as caught:
        talker.connect(url, origin)
    return caught.value.response.status_code


@pytest.fixture(scope="module")
def conversation(ada: Talker, bob: Talker) -> str:
    return ada.begins("direct", account_id=bob.id)


@pytest.fixture
def hers(ada: Talker) -> Line:
    return ada.connect()


@pytest.fixture
def his(bob: Talker) -> Line:
    return bob.connect()


# -- the door


def test_a_ticket_opens_one_socket(ada: Talker) -> None:
    url = ada.ticket()
    assert ada.connect(url).ask("hello")["account_id"] == ada.id
    assert refusal(ada, url) == 403


@pytest.mark.parametrize("query", ["", "?ticket=", "?ticket=made-up", "?token=eyJhbGciOiJSUzI1NiJ9.e30.x"])
def test_nothing_else_does(query: str, ada: Talker) -> None:
    assert refusal(ada, ada.cloud.outputs["ChatUrl"] + query) == 403


def test_a_ticket_is_of_the_page_that_asked(ada: Talker) -> None:
    ours = ada.cloud.app_url
    assert refusal(ada, ada.ticket(Origin=ours), "https://evil.example") == 403
    assert refusal(ada, ada.ticket(Origin=ours)) == 403
    ada.connect(ada.ticket(Origin=ours), ours).ask("hello")


def test_a_sixth_device_ends_the_first(eve: Talker) -> None:
    lines = [eve.connect() for _ in range(6)]
    assert lines[0].ends()[-1]["data"] == {"reason": "too_many_connections"}
    for line in lines[1:]:
        line.ask("ping")


def test_signing_out_ends_the_socket_at_the_next_heartbeat(acquaintance: Callable[[], Talker]) -> None:
    guest = acquaintance()
    line = guest.connect()
    assert guest.call("POST", "/auth/logout-everywhere").status_code == 204
    _grow_old(guest, by_s=30)
    assert line.refused("ping") == "session_ended"
    line.ends()


def test_silence_ends_a_socket(acquaintance: Callable[[], Talker]) -> None:
    guest = acquaintance()
    line, lively = guest.connect(), guest.connect()
    _grow_old(guest, by_s=90)
    lively.ask("ping")
    for connection_id in _sockets(guest):
        check = json.dumps({"kind": "silence-check", "connection_id": connection_id})
        guest.cloud.aws("sqs").send_message(QueueUrl=guest.cloud.outputs["ChatSilenceQueueUrl"], MessageBody=check)
    line.ends()
    lively.ask("ping")


def _sockets(talker: Talker) -> list[str]:
    row = talker.cloud.aws("dynamodb").get_item(
        TableName=talker.cloud.outputs["RealtimeTable"],
        Key={"pk": {"S": f"account#{talker.id}"}, "sk": {"S": "chat"}},
        ConsistentRead=True,
    )
    return list(json.loads(row["Item"]["ids"]["S"]))


def _grow_old(talker: Talker, *, by_s: int) -> None:
    """So long nothing was heard of all of their sockets."""
    for connection_id in _sockets(talker):
        talker.cloud.aws("dynamodb").update_item(
            TableName=talker.cloud.outputs["RealtimeTable"],
            Key={"pk": {"S": f"socket#{connection_id}"}, "sk": {"S": "socket"}},
            UpdateExpression="SET seen_at = :then",
            ExpressionAttributeValues={":then": {"N": str(int(time.time()) - by_s)}},
        )


# -- frames that are none


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "frame_invalid"),
        ("no JSON", "frame_invalid"),
        ('{"type": "ping", "id": 7}', "frame_invalid"),
        ('{"type": "pong"}', "type_unknown"),
        ('{"type": "message.sent", "data": {}}', "type_unknown"),
        ('{"type": "ping", "data": {"heads": 1}}', "validation_failed"),
    ],
)
def test_a_frame_of_another_shape_is_refused_and_the_socket_stays(body: str, code: str, hers: Line) -> None:
    hers.socket.send(body)
    answer = json.loads(hers.socket.recv(timeout=PATIENCE_S))
    assert (answer["type"], answer["error"]["code"]) == ("error", code)
    hers.ask("ping")


def test_an_oversized_frame_ends_the_socket(hers: Line) -> None:
    hers.socket.send("x" * (32 * 1024 + 1))
    told = hers.ends()
    assert {frame.get("error", {}).get("code") or frame["data"]["reason"] for frame in told} == {"frame_too_large"}


def test_a_sender_can_t_be_forged(conversation: str, bob: Talker, hers: Line) -> None:
    said: dict[str, Any] = {"conversation_id": conversation, "client_id": "f1", "text": "Hi"}
    assert hers.refused("message.send", **said, author_id=bob.id) == "validation_failed"


# -- every frame there is


def test_every_type_of_frame_is_answered_and_told(conversation: str, ada: Talker, bob: Talker) -> None:
    asked: set[str] = set()
    hers, his = ada.connect(), bob.connect()

    def ask(line: Line, kind: str, **data: Any) -> dict[str, Any]:
        asked.add(kind)
        return line.ask(kind, **data)

    room = ada.begins("room", title="Listening room")
    here = {"conversation_id": conversation}
    assert ask(hers, "hello")["silence_s"] == 90
    assert ask(his, "presence.watch", account_ids=[ada.id])["presences"][0]["status"] == "online"
    ask(hers, "presence.set", status="busy")
    assert his.hears("presence.changed")[0]["data"]["presence"] == {"account_id": ada.id, "status": "busy"}
    ask(hers, "typing.start", **here)
    assert his.hears("typing.started")[0]["data"]["account_id"] == ada.id
    seq = ask(hers, "message.send", **here, client_id="all-1", text="Helo", mentions=[bob.id])["seq"]
    assert his.hears("message.sent")[0]["data"]["message"]["mentions"] == [bob.id]
    ask(hers, "message.edit", **here, seq=seq, text="Hello")
    assert his.hears("message.edited")[0]["data"]["message"]["text"] == "Hello"
    ask(his, "reaction.set", **here, seq=seq, reaction="❤️", given=True)
    assert hers.hears("reaction.changed")[0]["data"]["reaction"] == "❤️"
    ask(his, "pin.set", **here, seq=seq, pinned=True)
    assert hers.hears("pin.changed")[0]["data"]["pinned"] is True
    ask(his, "receipt.set", **here, read=seq, delivered=seq)
    assert hers.hears("receipt.changed")[0]["data"] == {**here, "account_id": bob.id, "read": seq, "delivered": seq}
    reply = ask(his, "message.send", **here, client_id="all-2", text="Hi", reply_to=seq)["seq"]
    assert hers.hears("message.sent", 1)[0]["data"]["message"]["reply_to"] == seq
    ask(hers, "message.delete", **here, seq=seq)
    assert his.hears("message.deleted")[0]["data"]["message_seq"] == seq
    kinds = [it["type"] for it in ask(hers, "sync", **here, since=seq - 1)["updates"]]
    changes = ["message.edited", "reaction.changed", "pin.changed", "message.sent", "message.deleted"]
    assert kinds == ["message.sent", *changes]
    behind = ask(his, "ping", heads=[{**here, "seq": seq}])["behind"]
    assert behind == [{**here, "seq": reply + 1}]
    ask(his, "room.open", conversation_id=room)
    assert ada.call("PATCH", f"/conversations/{room}", {"title": "A quieter room"}).status_code == 200
    assert his.hears("conversation.changed")[0]["data"]["title"] == "A quieter room"
    bob.joins(room)
    assert his.hears("member.changed")[0]["data"]["state"] == "joined"
    ask(his, "room.close", conversation_id=room)
    assert ask(hers, "call.signal", **here, call_id="c1", step="offer", payload="v=0")["reached"] >= 1
    assert his.hears("call.signalled")[0]["data"]["payload"] == "v=0"
    assert asked == set(KINDS)


def test_what_is_told_twice_is_said_once(conversation: str, ada: Talker, hers: Line, his: Line) -> None:
    said = {"conversation_id": conversation, "client_id": "twice", "text": "Once"}
    numbers = [hers.send("message.send", **said) for _ in range(3)]
    answers = [hers.answer_to(number)["data"] for number in numbers]
    assert len({answer["seq"] for answer in answers}) == 1
    assert [answer["again"] for answer in answers].count(False) == 1
    his.hears("message.sent")
    assert [it["client_id"] for it in ada.history(conversation)].count("twice") == 1


def test_two_devices_and_one_that_comes_late_know_the_same(conversation: str, ada: Talker, bob: Talker) -> None:
    phone, laptop, his = ada.connect(), ada.connect(), bob.connect()
    start = phone.ask("message.send", conversation_id=conversation, client_id="late-0", text="0")["seq"]
    for n in range(1, 6):
        line = (phone, laptop, his)[n % 3]
        line.ask("message.send", conversation_id=conversation, client_id=f"late-{n}", text=str(n))
    told = [{frame["seq"] for frame in line.hears("message.sent", 6)} for line in (phone, laptop, his)]
    assert told == [set(range(start, start + 6))] * 3
    late = bob.connect().ask("sync", conversation_id=conversation, since=start)
    assert [it["data"]["message"]["text"] for it in late["updates"]] == ["1", "2", "3", "4", "5"]


def test_who_is_put_out_hears_no_more(ada: Talker, bob: Talker, hers: Line, his: Line) -> None:
    group = ada.begins("group", title="The band", account_ids=[bob.id])
    bob.joins(group)
    hers.ask("message.send", conversation_id=group, client_id="g1", text="Hello")
    his.hears("message.sent")
    assert ada.call("DELETE", f"/conversations/{group}/members/{bob.id}").status_code == 204
    assert his.hears("member.changed")[0]["data"]["state"] == "left"
    hers.ask("message.send", conversation_id=group, client_id="g2", text="He is gone")
    assert his.refused("sync", conversation_id=group, since=0) == "conversation_not_found"
    his.told.clear()
    his.hears_nothing()


def test_a_closed_socket_is_forgotten(acquaintance: Callable[[], Talker]) -> None:
    guest = acquaintance()
    line = guest.connect()
    line.ask("ping")
    assert len(_sockets(guest)) == 1
    line.socket.close()
    with pytest.raises(ConnectionClosed):
        line.socket.recv()
    until = time.monotonic() + PATIENCE_S
    while _sockets(guest) and time.monotonic() < until:
        time.sleep(0.1)
    assert _sockets(guest) == []


def test_many_are_told_by_way_of_the_queue(acquaintance: Callable[[], Talker]) -> None:
    """More than are told at once."""
    host = acquaintance()
    room = host.begins("room", title="Stadium")
    guests = [acquaintance() for _ in range(11)]
    lines = [guest.connect() for guest in guests for _ in range(5)]
    for line in lines:
        line.ask("room.open", conversation_id=room)
    seq = host.connect().ask("message.send", conversation_id=room, client_id="s1", text="Hello, everybody")["seq"]
    assert [line.hears("message.sent")[0]["seq"] for line in lines] == [seq] * 55
