"""How frames get to many, and to those the gateway can't reach at once (fault 19)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.domain.errors import QueueUnavailable
from core.domain.sockets import SILENCE_S, ConnectionId, Door
from core.messages.work import Delivery
from core.ports.realtime import Audience
from core.realtime.publisher import SHARD, SocketPublisher
from tests.integration.api.chat_parts import ChatParts
from tests.integration.ws.conftest import Line, Talker
from ws.deliveries.service import TRIES, Outcome


@pytest.fixture
def crowd(ada: Talker, talker: Callable[[str], Talker]) -> tuple[str, list[Line]]:
    """A room with seven who listen, all of whom came before."""
    room = ada.begins("room", title="Room")
    lines = [talker(f"guest{n}").connect() for n in range(7)]
    for line in lines:
        line.ask("room.open", conversation_id=room)
    return room, lines


def queued(chat: ChatParts) -> list[Delivery]:
    return [Delivery.model_validate_json(body) for body in chat.deliveries.sent]


def test_many_are_told_by_way_of_a_queue_each_once(ada: Talker, crowd: tuple[str, list[Line]]) -> None:
    room, lines = crowd
    chat = ada.world.parts.chat
    chat.inline_max = 3
    ada.connect().ask("message.send", conversation_id=room, client_id="a1", text="Hello, all")
    assert [line.hears() for line in lines] == [[]] * 7
    (delivery,) = queued(chat)
    assert sorted(delivery.connections) == sorted(line.connection_id for line in lines)
    assert chat.delivery_service().deliver(delivery) == (Outcome.DELIVERED, 7)
    assert [len(line.hears("message.sent")) for line in lines] == [1] * 7


def test_a_shard_holds_so_many_and_no_more(ada: Talker) -> None:
    chat, socket = ada.world.parts.chat, ada.world.parts.chat.sockets.get(ada.connect().connection_id)
    assert socket is not None
    for n in range(SHARD * 2 + 1):
        other = ConnectionId(f"c{n:04d}")
        chat.sockets.follow(replace(socket, id=other), "r")
    publisher = SocketPublisher(door=Door.CHAT, store=chat.sockets, courier=chat.courier, deliveries=chat.deliveries)
    assert publisher.publish(Audience(room="r"), "{}") == SHARD * 2 + 1
    assert [len(delivery.connections) for delivery in queued(chat)] == [SHARD, SHARD, 1]


def test_fault_19_a_socket_that_is_gone_is_forgotten(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers, his = ada.connect(), bob.connect()
    gateway = ada.world.parts.chat.gateway
    del gateway.told[his.connection_id]
    hers.ask("message.send", conversation_id=conversation, client_id="a0", text="Are you there?")
    assert ada.world.parts.chat.sockets.of_accounts([bob.id], Door.CHAT), "it may be about to be opened"
    hers.hears()
    ada.world.clock.advance(5)
    hers.ask("message.send", conversation_id=conversation, client_id="a1", text="Are you there?")
    assert ada.world.parts.chat.sockets.of_accounts([bob.id], Door.CHAT) == []
    assert len(hers.hears("message.sent")) == 1
    assert ada.world.parts.chat.sockets.get(his.connection_id) is not None, "until it was silent for long enough"
    ada.world.clock.advance(SILENCE_S)
    ada.world.desk().look_after(his.connection_id)
    assert ada.world.parts.chat.sockets.get(his.connection_id) is None


def test_fault_19_whom_a_busy_gateway_can_t_reach_is_told_later_and_alone(
    ada: Talker, crowd: tuple[str, list[Line]]
) -> None:
    room, lines = crowd
    chat, late = ada.world.parts.chat, lines[3]
    chat.gateway.busy = {late.connection_id}
    ada.connect().ask("message.send", conversation_id=room, client_id="a1", text="Hello, all")
    assert [len(line.hears()) for line in lines] == [1, 1, 1, 0, 1, 1, 1]
    (delivery,) = queued(chat)
    assert delivery.connections == [late.connection_id]
    assert chat.delivery_service().deliver(delivery) == (Outcome.PUT_BACK, 1)
    chat.gateway.busy = set()
    assert chat.delivery_service().deliver(queued(chat)[-1]) == (Outcome.DELIVERED, 1)
    assert len(late.hears("message.sent")) == 1


def test_fault_19_in_the_end_a_frame_is_dropped_and_the_client_finds_out(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers, his = ada.connect(), bob.connect()
    chat = ada.world.parts.chat
    chat.gateway.busy = {his.connection_id}
    seq = hers.ask("message.send", conversation_id=conversation, client_id="a1", text="Hello")["seq"]
    outcomes = [chat.delivery_service().deliver(queued(chat)[-1])[0] for _ in range(TRIES)]
    assert outcomes == [Outcome.PUT_BACK] * (TRIES - 1) + [Outcome.DROPPED]
    assert chat.deliveries.delays[0] == 0
    assert all(1 <= delay <= 2**TRIES for delay in chat.deliveries.delays[1:])
    chat.gateway.busy = set()
    assert his.hears() == []
    head = {"conversation_id": conversation, "seq": seq - 1}
    assert his.ask("ping", heads=[head])["behind"] == [head | {"seq": seq}]
    assert [it["seq"] for it in his.ask("sync", conversation_id=conversation, since=seq - 1)["updates"]] == [seq]


def test_what_can_t_be_told_is_said_all_the_same(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers, his = ada.connect(), bob.connect()
    chat = ada.world.parts.chat
    chat.gateway.busy = {his.connection_id}
    chat.deliveries.fault = QueueUnavailable("The queue can't take messages at the moment.")
    seq = hers.ask("message.send", conversation_id=conversation, client_id="a1", text="Hello")["seq"]
    assert his.ask("sync", conversation_id=conversation, since=seq - 1)["updates"] != []
