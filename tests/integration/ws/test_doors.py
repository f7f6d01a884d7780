"""Who gets in at a socket, and how it ends (fault 20)."""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from core.domain.errors import NotAuthenticated, SocketsUnavailable, StoreUnavailable
from core.domain.sockets import LIFE_S, SILENCE_S, TICKET_S, ConnectionId
from tests.integration.api.chat_parts import CHAT_URL, TURN_SECRET
from tests.integration.api.client import ORIGIN
from tests.integration.ws.conftest import Line, Talker


def refusal(talker: Talker, ticket: str, origin: str = "") -> str:
    with pytest.raises(NotAuthenticated) as caught:
        talker.connect(ticket, origin)
    return caught.value.code


def test_a_ticket_names_where_to_connect_and_until_when(ada: Talker) -> None:
    answer = ada.api.post("/ws/tickets", {"socket": "chat"}).json()
    assert answer["url"] == f"{CHAT_URL}?ticket={answer['ticket']}"
    assert parse_qs(urlsplit(answer["url"]).query)["ticket"] == [answer["ticket"]]
    assert answer["expires_at"] == "2027-01-15T08:01:00Z"


def test_a_socket_is_of_whoever_asked_for_its_ticket(ada: Talker) -> None:
    line = ada.connect()
    hello = line.ask("hello")
    assert hello["account_id"] == ada.id
    assert (hello["heartbeat_s"], hello["silence_s"]) == (30, 90)
    life_s = hello["reconnect_at"] / 1000 - ada.world.clock.now()
    assert 110 * 60 <= life_s < 118 * 60


def test_fault_20_a_ticket_is_good_once(ada: Talker) -> None:
    ticket = ada.ticket()
    ada.connect(ticket)
    assert refusal(ada, ticket) == "ticket_invalid"


def test_fault_20_a_ticket_is_good_for_a_minute(ada: Talker) -> None:
    ticket, late = ada.ticket(), ada.ticket()
    ada.world.clock.advance(TICKET_S - 1)
    ada.connect(ticket)
    ada.world.clock.advance(1)
    assert refusal(ada, late) == "ticket_invalid"


def test_fault_20_a_ticket_is_good_from_the_page_that_asked(ada: Talker) -> None:
    assert refusal(ada, ada.ticket(Origin="https://a.example"), origin="https://b.example") == "ticket_invalid"
    assert refusal(ada, ada.ticket(Origin="https://a.example")) == "ticket_invalid"
    ada.connect(ada.ticket(Origin="https://a.example"), origin="https://a.example")


@pytest.mark.parametrize("off_s", [-300, 300])
def test_fault_20_a_client_s_clock_is_nobody_s_business(off_s: int, ada: Talker) -> None:
    line = ada.connect()
    ts = (ada.world.clock.now() + off_s) * 1000
    assert line.send(json.dumps({"type": "ping", "id": "1", "ts": ts}))["ts"] == ada.world.clock.now_ms()
    late = ada.ticket()
    ada.world.clock.advance(TICKET_S)
    assert refusal(ada, late) == "ticket_invalid"


@pytest.mark.parametrize("made_up", ["", "x", "a" * 43, "../etc/passwd", "ä"])
def test_fault_20_a_made_up_ticket_opens_nothing(made_up: str, ada: Talker) -> None:
    with pytest.raises(NotAuthenticated):
        ada.world.desk().doorkeeper.admit(ConnectionId("c"), ticket=made_up, origin="")


def test_a_browser_gets_a_ticket_from_our_own_page_alone(ada: Talker) -> None:
    world = ada.world
    world.sign_in({"email": "browser@example.com", "username": "browser"})
    for origin in ("https://evil.example", "null", ""):
        answer = world.api.post("/ws/tickets", {"socket": "chat"}, headers={"Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_invalid")
    assert world.api.post("/ws/tickets", {"socket": "chat"}, headers={"Origin": ORIGIN}).status_code == 201


def test_fault_20_a_ticket_ends_with_its_session(ada: Talker) -> None:
    ticket = ada.ticket()
    assert ada.api.post("/auth/logout-everywhere").status_code == 204
    assert refusal(ada, ticket) == "session_ended"


def test_a_socket_ends_with_its_session_at_the_next_heartbeat(ada: Talker) -> None:
    line = ada.connect()
    assert ada.api.post("/auth/logout-everywhere").status_code == 204
    ada.world.clock.advance(30)
    assert line.refused("ping") == "session_ended"
    assert not line.is_open()
    assert ada.world.parts.chat.sockets.get(line.connection_id) is None


def test_a_suspended_account_is_put_out(ada: Talker) -> None:
    line = ada.connect()
    ada.world.suspend("ada@example.com")
    ada.world.clock.advance(30)
    assert line.refused("ping") == "session_ended"


def test_a_sixth_device_ends_the_oldest(ada: Talker) -> None:
    lines = [ada.connect() for _ in range(5)]
    gateway, first = ada.world.parts.chat.gateway, lines[0]
    gateway_told = gateway.told[first.connection_id]
    lines.append(ada.connect())
    assert json.loads(gateway_told[-1])["data"] == {"reason": "too_many_connections"}
    assert [line.is_open() for line in lines] == [False, True, True, True, True, True]
    assert len(ada.world.parts.chat.sockets.of_accounts([ada.id], ada.world.desk().doorkeeper.door)) == 5


def test_a_device_that_lost_its_line_comes_again_and_ends_no_other(ada: Talker) -> None:
    lines = [ada.connect() for _ in range(5)]
    ada.world.parts.chat.gateway.told.pop(lines[2].connection_id)
    ada.world.clock.advance(5)
    lines.append(ada.connect())
    assert [line.is_open() for line in lines] == [True, True, False, True, True, True]
    ada.world.clock.advance(20)
    for line in lines[1:2] + lines[3:]:
        line.ask("ping")
    ada.connect()
    assert not lines[0].is_open(), "the most silent one"


def test_devices_that_come_at_the_same_moment_do_not_end_each_other(ada: Talker) -> None:
    """The gateway knows a connection only after its handshake was answered."""
    gateway, lines = ada.world.parts.chat.gateway, [ada.connect() for _ in range(4)]
    establishing = ada.connect()
    del gateway.told[establishing.connection_id]
    ada.world.clock.advance(1)
    for line in lines[1:]:
        line.ask("ping")
    ada.connect()
    gateway.connect(establishing.connection_id)
    establishing.ask("hello")
    assert [line.is_open() for line in lines] == [False, True, True, True]


def look(line: Line) -> None:
    line.world.desk().look_after(line.connection_id)


def test_silence_ends_a_socket(ada: Talker) -> None:
    line, checks = ada.connect(), ada.world.parts.chat.silence_checks
    assert checks.delays == [SILENCE_S]
    ada.world.clock.advance(60)
    line.ask("ping")
    ada.world.clock.advance(30)
    look(line)
    assert line.is_open()
    assert checks.delays[-1] == SILENCE_S - 30, "looked at again when it must have said something"
    ada.world.clock.advance(60)
    look(line)
    assert not line.is_open()
    look(line)  # the queue may bring a check twice
    assert len(checks.sent) == 2


def test_no_socket_lives_longer_than_the_gateway_lets_it(ada: Talker) -> None:
    talkative, listener = ada.connect(), ada.connect()
    for _ in range(LIFE_S // 60 - 1):
        ada.world.clock.advance(60)
        for line in (talkative, listener):
            line.ask("ping")
    ada.world.clock.advance(60)
    assert talkative.refused("ping") == "session_ended"
    look(listener)
    assert not talkative.is_open()
    assert not listener.is_open()


def test_a_socket_nobody_knows_is_closed(ada: Talker) -> None:
    stray = Line(world=ada.world, connection_id=ConnectionId("stray"))
    ada.world.parts.chat.gateway.connect(stray.connection_id)
    assert stray.refused("ping") == "session_ended"
    assert not stray.is_open()


def test_a_gateway_that_does_not_answer_leaves_no_row(ada: Talker) -> None:
    lines = [ada.connect() for _ in range(5)]
    ada.world.parts.chat.gateway.fault = SocketsUnavailable("The gateway does not answer.")
    ada.connect()
    assert ada.world.parts.chat.sockets.get(lines[0].connection_id) is None


def test_without_the_database_nobody_gets_in(ada: Talker) -> None:
    ticket = ada.ticket()
    ada.world.parts.chat.tables = {**ada.world.parts.chat.tables, "accounts": "no-such-table"}
    with pytest.raises(StoreUnavailable):
        ada.connect(ticket)


# -- frames


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "frame_invalid"),
        ("{", "frame_invalid"),
        ("[]", "frame_invalid"),
        ('"ping"', "frame_invalid"),
        ('{"data": {}}', "frame_invalid"),
        ('{"type": "ping", "extra": 1}', "frame_invalid"),
        ('{"type": "ping", "id": 7}', "frame_invalid"),
        ('{"type": "pong"}', "type_unknown"),
        ('{"type": "ping.ok"}', "type_unknown"),
        ('{"type": "message.sent", "data": {}}', "type_unknown"),
        ('{"type": "ping", "data": {"heads": 1}}', "validation_failed"),
        ('{"type": "ping", "data": {"more": 1}}', "validation_failed"),
        ('{"type": "sync", "data": {"conversation_id": "x", "since": 0}}', "validation_failed"),
    ],
)
def test_a_frame_of_another_shape_is_refused_and_the_socket_stays(body: str, code: str, ada: Talker) -> None:
    line = ada.connect()
    answer = line.send(body)
    assert (answer["type"], answer["error"]["code"]) == ("error", code)
    line.ask("ping")


def test_a_refusal_has_the_id_of_its_request(ada: Talker) -> None:
    line = ada.connect()
    assert line.send('{"type": "pong", "id": "p1"}')["id"] == "p1"
    assert line.send('{"type": "ping", "id": "p2", "data": {"heads": 1}}')["id"] == "p2"
    assert "id" not in line.send('{"type": "ping", "id": {}}')


def test_a_binary_frame_is_refused(ada: Talker) -> None:
    assert ada.connect().send("AAAA", binary=True)["error"]["code"] == "frame_binary"


def test_a_frame_above_32_kib_ends_the_socket(ada: Talker) -> None:
    line = ada.connect()
    fits = json.dumps({"type": "ping", "id": "1", "data": {"more": "x" * (32 * 1024 - 60)}})
    assert line.send(fits)["error"]["code"] == "validation_failed"
    assert line.send("ä" * (16 * 1024 + 1))["error"]["code"] == "frame_too_large"
    assert not line.is_open()


def test_a_client_can_t_say_who_it_is(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    line = ada.connect()
    forged = {"conversation_id": conversation, "client_id": "a1", "text": "Hi", "author_id": bob.id}
    assert line.refused("message.send", **forged) == "validation_failed"


# -- calls


def test_turn_servers_come_with_a_credential_that_ends(ada: Talker) -> None:
    stun, turn = ada.api.get("/calls/ice").json()["ice_servers"]
    assert stun == {"urls": ["stun:stun.example"], "username": None, "credential": None}
    until, _, account = turn["username"].partition(":")
    assert account == ada.id
    assert int(until) == ada.world.clock.now() + 12 * 3600
    proof = hmac.new(TURN_SECRET.encode(), turn["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(turn["credential"]) == proof
