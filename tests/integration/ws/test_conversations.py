"""How conversations come about, who comes and goes, and who has a say."""

from collections.abc import Callable

import httpx
import pytest

from core.domain.ids import new_id
from core.domain.sockets import SILENCE_S
from core.store.presences import PresenceRow
from core.store.rows import bound
from tests import builders
from tests.integration.ws.conftest import Talker


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def group_of(owner: Talker, *others: Talker) -> str:
    """All of whom have joined."""
    group = owner.begins("group", title="The band", account_ids=[other.id for other in others])
    for other in others:
        other.joins(group)
    return group


def test_two_people_have_one_direct_conversation(ada: Talker, bob: Talker) -> None:
    first = ada.writes_to(bob)
    assert bob.writes_to(ada) == first
    shown = ada.api.get(f"/conversations/{first}").json()
    assert (shown["kind"], shown["title"], shown["me"]["state"], shown["me"]["role"]) == (
        "direct",
        "",
        "joined",
        "member",
    )
    assert [it["id"] for it in bob.api.get("/conversations").json()["items"]] == [first]


def test_nobody_writes_to_themselves_or_to_nobody(ada: Talker) -> None:
    alone = ada.api.post("/conversations", {"kind": "direct", "account_id": ada.id})
    assert code(alone) == (422, "alone")
    nobody = ada.api.post("/conversations", {"kind": "direct", "account_id": new_id()})
    assert code(nobody) == (404, "account_not_found")


def test_a_group_begins_with_its_owner_and_the_invited_decide(ada: Talker, bob: Talker, eve: Talker) -> None:
    his = bob.connect()
    group = ada.begins("group", title=" The band ", account_ids=[bob.id, eve.id, bob.id])
    assert ada.api.get(f"/conversations/{group}").json()["title"] == "The band"
    states = {it["account_id"]: it["state"] for it in ada.api.get(f"/conversations/{group}/members").json()["items"]}
    assert states == {ada.id: "joined", bob.id: "invited", eve.id: "invited"}
    assert code(bob.api.get(f"/conversations/{group}/messages")) == (404, "conversation_not_found")
    assert bob.api.get(f"/conversations/{group}").json()["me"]["state"] == "invited"
    bob.joins(group)
    eve.api.post(f"/conversations/{group}/leave")
    ada.connect().ask("message.send", conversation_id=group, client_id="a1", text="Hello, band")
    assert [frame["data"]["message"]["text"] for frame in his.hears("message.sent")] == ["Hello, band"]
    assert code(eve.api.get(f"/conversations/{group}")) == (404, "conversation_not_found")


def test_a_stranger_can_t_join_a_group(ada: Talker, bob: Talker, eve: Talker) -> None:
    group = group_of(ada, bob)
    assert code(eve.api.post(f"/conversations/{group}/join")) == (404, "conversation_not_found")
    assert code(eve.api.get(f"/conversations/{group}")) == (404, "conversation_not_found")


def test_a_room_is_public_but_speaking_takes_joining(ada: Talker, bob: Talker) -> None:
    room = ada.begins("room", title="Listening room")
    assert [it["id"] for it in bob.api.get("/rooms").json()["items"]] == [room]
    his = bob.connect()
    opened = his.ask("room.open", conversation_id=room)
    assert his.refused("message.send", conversation_id=room, client_id="b1", text="Hi") == "not_joined"
    bob.joins(room)
    said = his.ask("message.send", conversation_id=room, client_id="b1", text="Hi")
    assert said["seq"] == opened["seq"] + 2
    assert [frame["seq"] for frame in his.hears()] == [opened["seq"] + 1, opened["seq"] + 2]
    his.ask("room.close", conversation_id=room)
    his.ask("message.send", conversation_id=room, client_id="b2", text="Anybody?")
    assert his.hears() == []


def test_a_room_beside_a_stream_is_not_on_the_list(ada: Talker, bob: Talker) -> None:
    room = ada.begins("stream", title="Tonight, live")
    assert bob.api.get("/rooms").json()["items"] == []
    bob.joins(room)


def test_only_public_conversations_are_opened(ada: Talker, bob: Talker) -> None:
    assert ada.connect().refused("room.open", conversation_id=ada.writes_to(bob)) == "not_public"


def test_rooms_are_listed_page_by_page_the_newest_first(ada: Talker, bob: Talker) -> None:
    rooms = [ada.begins("room", title=f"Room {n}") for n in range(5)]
    found, cursor = [], ""
    while True:
        page = bob.api.get(f"/rooms?limit=2{cursor}").json()
        found += [it["id"] for it in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == rooms[::-1]


def test_members_are_listed_page_by_page(ada: Talker, talker: Callable[[str], Talker]) -> None:
    room = ada.begins("room", title="Room")
    people = [talker(f"guest{n}") for n in range(4)]
    for person in people:
        person.joins(room)
    found, cursor = [], ""
    while True:
        page = ada.api.get(f"/conversations/{room}/members?limit=2{cursor}").json()
        found += [it["account_id"] for it in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == sorted([ada.id, *(person.id for person in people)])


# -- a say over others


def test_a_ban_acts_at_once_and_lasts(ada: Talker, bob: Talker) -> None:
    room = ada.begins("room", title="Room")
    bob.joins(room)
    his = bob.connect()
    assert ada.api.call("PUT", f"/conversations/{room}/bans/{bob.id}").status_code == 204
    assert [frame["data"]["state"] for frame in his.hears("member.changed")] == ["banned"]
    assert his.refused("message.send", conversation_id=room, client_id="b1", text="Hi") == "banned"
    assert his.refused("room.open", conversation_id=room) == "banned"
    assert code(bob.api.post(f"/conversations/{room}/join")) == (403, "banned")
    assert code(bob.api.get(f"/conversations/{room}/messages")) == (403, "banned")
    assert ada.api.delete(f"/conversations/{room}/members/{bob.id}").status_code == 204
    assert code(bob.api.post(f"/conversations/{room}/join")) == (403, "banned"), "to be put out is no pardon"
    assert ada.api.delete(f"/conversations/{room}/bans/{bob.id}").status_code == 204
    bob.joins(room)


def test_a_banned_listener_hears_no_more(ada: Talker, bob: Talker) -> None:
    room = ada.begins("room", title="Room")
    bob.joins(room)
    his = bob.connect()
    his.ask("room.open", conversation_id=room)
    ada.api.call("PUT", f"/conversations/{room}/bans/{bob.id}")
    his.hears()
    ada.connect().ask("message.send", conversation_id=room, client_id="a1", text="Now that he is gone")
    assert his.hears() == []


def test_a_muted_member_reads_until_it_is_over(ada: Talker, bob: Talker) -> None:
    group = group_of(ada, bob)
    his, about = bob.connect(), {"conversation_id": group, "client_id": "b1", "text": "Hi"}
    assert ada.api.patch(f"/conversations/{group}/members/{bob.id}", {"muted_for_s": 60}).status_code == 200
    assert his.refused("message.send", **about) == "muted"
    assert his.refused("typing.start", conversation_id=group) == "muted"
    his.ask("sync", conversation_id=group, since=0)
    bob.world.clock.advance(61)
    his.ask("message.send", **about)


def test_slow_mode_holds_members_and_not_moderators(ada: Talker, bob: Talker) -> None:
    group = group_of(ada, bob)
    assert ada.api.patch(f"/conversations/{group}", {"slow_mode_s": 30}).json()["slow_mode_s"] == 30
    hers, his = ada.connect(), bob.connect()
    for n in range(2):
        hers.ask("message.send", conversation_id=group, client_id=f"a{n}", text="I may")
    his.ask("message.send", conversation_id=group, client_id="b1", text="Once")
    assert his.refused("message.send", conversation_id=group, client_id="b2", text="Twice") == "slow_mode"
    assert his.ask("message.send", conversation_id=group, client_id="b1", text="Once")["again"] is True
    bob.world.clock.advance(30)
    his.ask("message.send", conversation_id=group, client_id="b2", text="Twice")


def test_power_goes_downwards_only(ada: Talker, bob: Talker, eve: Talker) -> None:
    group = group_of(ada, bob, eve)
    member = f"/conversations/{group}/members"
    assert code(bob.api.delete(f"{member}/{eve.id}")) == (403, "moderator_needed")
    assert code(bob.api.patch(f"{member}/{eve.id}", {"role": "moderator"})) == (403, "moderator_needed")
    for person in (bob, eve):
        assert ada.api.patch(f"{member}/{person.id}", {"role": "moderator"}).status_code == 200
    assert code(bob.api.patch(f"{member}/{eve.id}", {"role": "member"})) == (403, "owner_needed")
    assert code(bob.api.delete(f"{member}/{eve.id}")) == (403, "member_out_of_reach")
    assert code(bob.api.patch(f"{member}/{ada.id}", {"muted_for_s": 60})) == (403, "member_out_of_reach")
    assert ada.api.patch(f"{member}/{eve.id}", {"role": "owner"}).json()["role"] == "owner"
    roles = {it["account_id"]: it["role"] for it in ada.api.get(member).json()["items"]}
    assert roles == {ada.id: "moderator", bob.id: "moderator", eve.id: "owner"}
    assert ada.api.delete(f"{member}/{bob.id}").status_code == 403


def test_who_was_put_out_hears_no_more_and_may_be_invited_again(ada: Talker, bob: Talker) -> None:
    group = group_of(ada, bob)
    hers, his = ada.connect(), bob.connect()
    assert ada.api.delete(f"/conversations/{group}/members/{bob.id}").status_code == 204
    assert [frame["data"]["state"] for frame in his.hears()] == ["left"]
    hers.ask("message.send", conversation_id=group, client_id="a1", text="He is gone")
    assert his.hears() == []
    assert his.refused("sync", conversation_id=group, since=0) == "conversation_not_found"
    assert ada.api.post(f"/conversations/{group}/members", {"account_id": bob.id}).json()["state"] == "invited"
    bob.joins(group)
    his.ask("sync", conversation_id=group, since=0)


def test_moderators_delete_what_others_wrote(ada: Talker, bob: Talker) -> None:
    group = group_of(ada, bob)
    seq = bob.connect().ask("message.send", conversation_id=group, client_id="b1", text="Spam")["seq"]
    ada.connect().ask("message.delete", conversation_id=group, seq=seq)
    (message,) = bob.api.get(f"/conversations/{group}/messages").json()["items"]
    assert message["text"] == ""


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"title": "Ours"}),
        ("POST", "/leave", None),
        ("POST", "/members", {"account_id": "0197a5c0-7b1e-7cc0-8000-3f2a9d4c5e6f"}),
    ],
)
def test_a_direct_conversation_has_no_rules(method: str, path: str, body: object, ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    assert code(ada.api.call(method, f"/conversations/{conversation}{path}", body)) == (409, "direct_conversation")


@pytest.mark.parametrize("edit", [{}, {"role": "moderator", "muted_for_s": 5}])
def test_a_member_s_edit_is_one_thing(edit: dict[str, object], ada: Talker, bob: Talker) -> None:
    group = group_of(ada, bob)
    answer = ada.api.patch(f"/conversations/{group}/members/{bob.id}", edit)
    assert code(answer) == (422, "member_edit_invalid")


# -- blocks


def test_blocked_people_don_t_hear_from_each_other(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers, his = ada.connect(), bob.connect()
    his.ask("presence.watch", account_ids=[ada.id])
    assert ada.api.call("PUT", f"/blocks/{bob.id}").status_code == 204
    assert ada.api.get("/blocks").json()["items"] == [{"account_id": bob.id}]
    for line, name in ((hers, "a"), (his, "b")):
        assert line.refused("message.send", conversation_id=conversation, client_id=name, text="Hi") == "blocked"
        call = {"conversation_id": conversation, "call_id": "c", "step": "offer"}
        assert line.refused("call.signal", **call) == "blocked"
    assert his.refused("presence.watch", account_ids=[ada.id]) == "presence_private"
    assert code(bob.api.post("/conversations", {"kind": "direct", "account_id": ada.id})) == (403, "blocked")
    assert ada.api.delete(f"/blocks/{bob.id}").status_code == 204
    his.ask("message.send", conversation_id=conversation, client_id="b", text="Hi")
    ada.connect()
    assert his.hears("presence.changed") == [], "who was shut out asks again"
    assert code(ada.api.call("PUT", f"/blocks/{ada.id}")) == (422, "alone")


def test_who_is_blocked_changes_nothing_that_was_said(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers, his = ada.connect(), bob.connect()
    seq = his.ask("message.send", conversation_id=conversation, client_id="b", text="Hi")["seq"]
    ada.api.call("PUT", f"/blocks/{bob.id}")
    hers.hears()
    about = {"conversation_id": conversation, "seq": seq}
    assert his.refused("message.edit", **about, text="Anything") == "blocked"
    assert his.refused("reaction.set", **about, reaction="👍", given=True) == "blocked"
    assert his.refused("pin.set", **about, pinned=True) == "blocked"
    his.ask("typing.start", conversation_id=conversation)
    his.ask("receipt.set", conversation_id=conversation, read=seq)
    assert hers.hears() == []
    his.ask("message.delete", **about)
    assert [frame["type"] for frame in hers.hears()] == ["message.deleted"]


# -- who is there


def test_presence_is_told_to_who_watches(ada: Talker, bob: Talker, eve: Talker) -> None:
    ada.writes_to(bob)
    hers = ada.connect()
    watched = hers.ask("presence.watch", account_ids=[bob.id])
    assert watched == {"presences": [{"account_id": bob.id, "status": "offline"}]}
    his = bob.connect()
    his.ask("presence.set", status="busy")
    his.ask("presence.set", status="invisible")
    his.close()
    statuses = [frame["data"]["presence"]["status"] for frame in hers.hears("presence.changed")]
    assert statuses == ["online", "busy", "offline"]
    assert eve.connect().refused("presence.watch", account_ids=[ada.id]) == "presence_private"


def test_a_track_that_is_heard_shows_if_everybody_may_hear_it(ada: Talker, bob: Talker) -> None:
    assert bob.connect().refused("presence.set", status="online", track_id=new_id()) == "track_not_found"


def test_a_call_is_set_up_between_the_two(ada: Talker, bob: Talker, eve: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers, phone, laptop, others = ada.connect(), bob.connect(), bob.connect(), eve.connect()
    offer = {"conversation_id": conversation, "call_id": "c1", "step": "offer", "payload": "v=0\r\n"}
    assert hers.ask("call.signal", **offer) == {"reached": 2}
    for line in (phone, laptop):
        (heard,) = line.hears("call.signalled")
        assert heard["data"] == offer | {"account_id": ada.id}
    assert others.refused("call.signal", **offer) == "conversation_not_found"
    group = group_of(ada, bob)
    assert hers.refused("call.signal", **offer | {"conversation_id": group}) == "not_direct"


def test_a_heartbeat_tells_how_many_listen_to_a_room(ada: Talker, bob: Talker) -> None:
    room = ada.begins("room", title="Listening room")
    hers, his, again = ada.connect(), bob.connect(), bob.connect()
    head = {"conversation_id": room, "seq": 0}
    assert "listeners" not in hers.ask("ping", heads=[head]), "asked by who does not listen"
    for line in (hers, his, again):
        line.ask("room.open", conversation_id=room)
        line.ask("room.open", conversation_id=room)
    assert hers.ask("ping", heads=[head])["listeners"] == [{"conversation_id": room, "count": 3}]
    his.ask("room.close", conversation_id=room)
    his.ask("room.close", conversation_id=room)
    again.close()
    assert hers.ask("ping", heads=[head])["listeners"] == [{"conversation_id": room, "count": 1}]


def test_all_who_are_invited_hear_of_it(ada: Talker, bob: Talker, eve: Talker) -> None:
    hers, his, others = ada.connect(), bob.connect(), eve.connect()
    group = ada.begins("group", title="The band", account_ids=[bob.id, eve.id])
    for line, talker in ((his, bob), (others, eve)):
        told = [frame["data"] for frame in line.hears("member.changed")]
        assert [(it["conversation_id"], it["state"]) for it in told if it["account_id"] == talker.id] == [
            (group, "invited")
        ]
    assert hers.hears("member.changed")


def test_who_is_written_to_for_the_first_time_hears_of_it(ada: Talker, bob: Talker) -> None:
    his = bob.connect()
    direct = ada.writes_to(bob)
    assert {frame["data"]["conversation_id"] for frame in his.hears("member.changed")} == {direct}


@pytest.mark.parametrize("end", ["session", "frame", "silence", "gone"])
def test_however_a_socket_ends_watchers_hear_of_it(end: str, ada: Talker, bob: Talker) -> None:
    direct = ada.writes_to(bob)
    hers, his = ada.connect(), bob.connect()
    hers.ask("presence.watch", account_ids=[bob.id])
    hers.hears()
    clock, gateway = ada.world.clock, ada.world.parts.chat.gateway
    if end == "session":
        assert bob.api.post("/auth/logout-everywhere").status_code == 204
        clock.advance(30)
        his.refused("ping")
    elif end == "frame":
        his.send("x" * 40_000)
    else:
        if end == "gone":
            clock.advance(5)
            del gateway.told[his.connection_id]
            hers.ask("message.send", conversation_id=direct, client_id="a1", text="Are you there?")
        clock.advance(SILENCE_S)
        ada.world.desk().look_after(his.connection_id)
    assert hers.hears("presence.changed")[-1]["data"]["presence"]["status"] == "offline"


def test_who_is_invisible_stays_so_and_a_track_is_not_heard_for_ever(ada: Talker, bob: Talker) -> None:
    ada.writes_to(bob)
    track = ada.world.somebody_elses(builders.a_ready_track())
    hers, his = ada.connect(), bob.connect()
    his.ask("presence.set", status="busy", track_id=track.id)
    assert hers.ask("presence.watch", account_ids=[bob.id])["presences"][0]["track_id"] == track.id
    ada.world.clock.advance(6 * 3600)
    hers, _ = ada.comes_again(), bob.comes_again()
    assert hers.ask("presence.watch", account_ids=[bob.id])["presences"] == [{"account_id": bob.id, "status": "busy"}]
    rows = bound(PresenceRow, ada.world.tables["realtime"])
    assert [int(row.ttl - row.since) for row in rows.scan(rows.sk == "presence")] == [30 * 24 * 3600]


def test_taking_back_what_nobody_said_changes_nothing(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers = ada.connect()
    about = {
        "conversation_id": conversation,
        "seq": hers.ask("message.send", conversation_id=conversation, client_id="a1", text="Hi")["seq"],
    }
    for n in range(20):
        hers.ask("reaction.set", **about, reaction=chr(0x1F600 + n), given=True)
    assert hers.ask("reaction.set", **about, reaction="🎧", given=False) == {}
    assert hers.refused("reaction.set", **about, reaction="🎧", given=True) == "reactions_too_many"


def test_whoever_is_invisible_comes_and_goes_without_a_word(ada: Talker, bob: Talker) -> None:
    ada.writes_to(bob)
    hers, first = ada.connect(), bob.connect()
    hers.ask("presence.watch", account_ids=[bob.id])
    first.ask("presence.set", status="invisible")
    assert [frame["data"]["presence"]["status"] for frame in hers.hears("presence.changed")] == ["offline"]
    first.ask("presence.set", status="invisible")
    first.close()
    bob.connect().close()
    assert hers.hears("presence.changed") == []
    bob.connect().ask("presence.set", status="away")
    assert [frame["data"]["presence"]["status"] for frame in hers.hears("presence.changed")] == ["away"]
