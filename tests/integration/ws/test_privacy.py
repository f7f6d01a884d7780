"""What is left of somebody's talk when their account is erased, and what they get a copy of."""

from dataclasses import asdict

import pytest

from core.chat.privacy_wiring import ChatPrivacy, privacy_of
from core.domain.errors import StoreUnavailable
from core.domain.sockets import Door
from tests import builders
from tests.integration.ws.conftest import Talker


def privacy(talker: Talker) -> ChatPrivacy:
    tables = talker.world.tables
    return privacy_of(tables["chat"], tables["realtime"], talker.world.clock)


def says(talker: Talker, conversation: str, *texts: str) -> list[int]:
    line = talker.connect()
    return [
        int(line.ask("message.send", conversation_id=conversation, client_id=f"{conversation}-{n}", text=text)["seq"])
        for n, text in enumerate(texts)
    ]


def everything(talker: Talker) -> str:
    """Whatever the two tables hold, as text."""
    tables = talker.world.tables
    found = [talker.world.dynamodb.scan(TableName=tables[area])["Items"] for area in ("chat", "realtime")]
    return str(found)


def test_nothing_that_they_said_is_left_and_every_place_is(ada: Talker, bob: Talker, eve: Talker) -> None:
    direct = ada.writes_to(bob)
    room = bob.begins("room", title="Listening room")
    ada.joins(room)
    says(ada, direct, "a secret for Bob", "another secret")
    says(bob, direct, "I keep it")
    says(ada, room, "a secret for all")
    assert ada.api.post(f"/conversations/{room}/leave").status_code == 204
    ada.connect().ask("presence.set", status="busy")
    ada.api.call("PUT", f"/blocks/{eve.id}")
    track = ada.world.somebody_elses(builders.a_ready_track())
    ada.listens(track_id=track.id).ask("hello")

    privacy(ada).erasure.erase(ada.id)

    assert "secret" not in everything(ada)
    history = bob.api.get(f"/conversations/{direct}/messages").json()["items"]
    assert [message["text"] for message in history] == ["I keep it", "", ""], "what others said is theirs"
    updates = bob.connect().ask("sync", conversation_id=direct, since=0)["updates"]
    assert [it["seq"] for it in updates] == list(range(1, len(updates) + 1))
    assert [it["type"] for it in updates[-3:]] == ["message.deleted", "message.deleted", "member.changed"]
    held = privacy(ada).holdings
    assert held.memberships_of(ada.id) == []
    assert held.blocks_of(ada.id) == []
    assert held.presence_of(ada.id) == []
    assert held.playback_of(ada.id).track_id is None


def test_their_devices_say_no_more(ada: Talker, bob: Talker) -> None:
    direct = ada.writes_to(bob)
    line = ada.connect()
    privacy(ada).erasure.erase(ada.id)
    said = {"conversation_id": direct, "client_id": "late", "text": "I am still here"}
    assert line.refused("message.send", **said) == "session_ended"
    assert ada.world.parts.chat.sockets.of_accounts([ada.id], Door.CHAT) == []


def test_an_erasure_that_is_cut_short_is_finished_by_the_next(
    ada: Talker, bob: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct = ada.writes_to(bob)
    says(ada, direct, "secret 1", "secret 2", "secret 3")
    erasure = privacy(ada).erasure
    taken: list[int] = []
    append = erasure.log.append

    def dies(conversation_id, compose):  # type: ignore[no-untyped-def]
        if taken:
            raise StoreUnavailable("The database does not answer.")
        taken.append(1)
        return append(conversation_id, compose)

    monkeypatch.setattr(erasure.log, "append", dies)
    with pytest.raises(StoreUnavailable):
        erasure.erase(ada.id)
    assert everything(ada).count("secret ") == 2
    privacy(ada).erasure.erase(ada.id)
    assert "secret " not in everything(ada)
    before = everything(ada)
    privacy(ada).erasure.erase(ada.id)
    assert everything(ada) == before, "and once more changes nothing"


def test_what_they_deleted_themselves_is_no_part_of_it(ada: Talker, bob: Talker) -> None:
    direct = ada.writes_to(bob)
    kept, gone = says(ada, direct, "kept", "gone")
    ada.connect().ask("message.delete", conversation_id=direct, seq=gone)
    says(bob, direct, "Bob's")
    assert [(message.seq, message.text) for message in privacy(ada).holdings.messages_of(ada.id)] == [(kept, "kept")]


def test_a_copy_has_all_there_is(ada: Talker, bob: Talker, eve: Talker) -> None:
    direct = ada.writes_to(bob)
    room = ada.begins("room", title="Listening room")
    says(ada, direct, "Hello")
    ada.api.call("PUT", f"/blocks/{eve.id}")
    held = privacy(ada).holdings
    assert {it.id for it in held.conversations_of(ada.id)} == {direct, room}
    assert {it.role.value for it in held.memberships_of(ada.id)} == {"member", "owner"}
    assert [asdict(it) for it in held.blocks_of(ada.id)] == [{"account_id": eve.id}]
