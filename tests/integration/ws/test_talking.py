"""What is said over sockets: who hears it, in which order, and what becomes of it."""

from tests.integration.ws.conftest import Talker


def test_a_message_reaches_every_device_of_both(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    phone, laptop, his = ada.connect(), ada.connect(), bob.connect()
    said = phone.ask("message.send", conversation_id=conversation, client_id="a1", text=" Hello, Bob. ")
    for line in (phone, laptop, his):
        (frame,) = line.hears("message.sent")
        assert frame["seq"] == said["seq"]
        assert frame["data"]["message"] == {
            "seq": said["seq"],
            "author_id": ada.id,
            "client_id": "a1",
            "sent_at": said["sent_at"],
            "text": "Hello, Bob.",
            "mentions": [],
            "attachments": [],
            "pinned": False,
            "reactions": {},
        }


def test_a_message_that_is_sent_again_is_one_message(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers, his = ada.connect(), bob.connect()
    first = hers.ask("message.send", conversation_id=conversation, client_id="a1", text="Once")
    again = hers.ask("message.send", conversation_id=conversation, client_id="a1", text="Once")
    assert again == first | {"again": True}
    assert len(his.hears("message.sent")) == 1


def test_places_have_no_gaps_and_a_client_resumes_after_the_last_it_knows(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers = ada.connect()
    seqs = [
        hers.ask("message.send", conversation_id=conversation, client_id=f"a{n}", text=f"{n}")["seq"] for n in range(5)
    ]
    assert seqs == list(range(seqs[0], seqs[0] + 5))
    his = bob.connect()
    missed = his.ask("sync", conversation_id=conversation, since=seqs[1])
    assert [update["seq"] for update in missed["updates"]] == seqs[2:]
    assert [update["data"]["message"]["text"] for update in missed["updates"]] == ["2", "3", "4"]
    assert missed["more"] is False


def test_edit_reaction_pin_and_deletion_are_told_and_end_in_the_history(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers, his = ada.connect(), bob.connect()
    seq = hers.ask("message.send", conversation_id=conversation, client_id="a1", text="Helo")["seq"]
    about = {"conversation_id": conversation, "seq": seq}
    hers.ask("message.edit", **about, text="Hello")
    his.ask("reaction.set", **about, reaction="🎧", given=True)
    his.ask("pin.set", **about, pinned=True)
    told = hers.hears()
    assert [frame["type"] for frame in told] == ["message.sent", "message.edited", "reaction.changed", "pin.changed"]
    assert [frame["seq"] for frame in told] == [seq, seq + 1, seq + 2, seq + 3]

    (message,) = ada.api.get(f"/conversations/{conversation}/messages").json()["items"]
    assert (message["text"], message["reactions"], message["pinned"]) == ("Hello", {"🎧": 1}, True)
    assert [it["seq"] for it in bob.api.get(f"/conversations/{conversation}/pins").json()["items"]] == [seq]

    hers.ask("message.delete", **about)
    (message,) = ada.api.get(f"/conversations/{conversation}/messages").json()["items"]
    assert (message["text"], message["reactions"], message["pinned"]) == ("", {}, False)
    assert message["deleted_at"] is not None
    assert bob.api.get(f"/conversations/{conversation}/pins").json()["items"] == []


def test_what_is_so_already_takes_no_place(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers = ada.connect()
    seq = hers.ask("message.send", conversation_id=conversation, client_id="a1", text="Hello")["seq"]
    about = {"conversation_id": conversation, "seq": seq}
    assert hers.ask("reaction.set", **about, reaction="🎧", given=True) == {"seq": seq + 1}
    assert hers.ask("reaction.set", **about, reaction="🎧", given=True) == {}
    assert hers.ask("reaction.set", **about, reaction="🎧", given=False) == {"seq": seq + 2}
    assert hers.ask("reaction.set", **about, reaction="🎧", given=False) == {}
    assert hers.ask("pin.set", **about, pinned=False) == {}
    assert hers.ask("message.delete", **about) == {"seq": seq + 3}
    assert hers.ask("message.delete", **about) == {}


def test_nobody_changes_what_another_wrote(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    seq = ada.connect().ask("message.send", conversation_id=conversation, client_id="a1", text="Mine")["seq"]
    his = bob.connect()
    about = {"conversation_id": conversation, "seq": seq}
    assert his.refused("message.edit", **about, text="Yours") == "not_author"
    assert his.refused("message.delete", **about) == "moderator_needed"


def test_a_stranger_neither_reads_nor_writes(ada: Talker, bob: Talker, eve: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers = eve.connect()
    unknown = "conversation_not_found"
    assert hers.refused("message.send", conversation_id=conversation, client_id="e", text="Hi") == unknown
    assert hers.refused("sync", conversation_id=conversation, since=0) == unknown
    assert hers.refused("typing.start", conversation_id=conversation) == unknown
    assert hers.ask("ping", heads=[{"conversation_id": conversation, "seq": 0}]) == {"behind": []}
    ada.connect().ask("message.send", conversation_id=conversation, client_id="a1", text="Secret")
    assert hers.hears() == []


def test_the_heartbeat_says_where_more_has_happened(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    seq = ada.connect().ask("message.send", conversation_id=conversation, client_id="a1", text="Hello")["seq"]
    his = bob.connect()
    head = {"conversation_id": conversation, "seq": seq - 1}
    assert his.ask("ping", heads=[head]) == {"behind": [{"conversation_id": conversation, "seq": seq}]}
    assert his.ask("ping", heads=[head | {"seq": seq}]) == {"behind": []}


def test_receipts_go_forward_and_are_told(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers, his = ada.connect(), bob.connect()
    seqs = [
        hers.ask("message.send", conversation_id=conversation, client_id=f"a{n}", text="Hello")["seq"] for n in range(3)
    ]
    his.ask("receipt.set", conversation_id=conversation, delivered=seqs[2], read=seqs[1])
    his.ask("receipt.set", conversation_id=conversation, read=seqs[0])
    his.ask("receipt.set", conversation_id=conversation, read=10**6)
    receipts = [(frame["data"]["read"], frame["data"]["delivered"]) for frame in hers.hears("receipt.changed")]
    assert receipts == [(seqs[1], seqs[2]), (seqs[2], seqs[2])]


def test_typing_is_told_to_the_other_once_in_a_while(ada: Talker, bob: Talker) -> None:
    ada.world.limits_hold()
    conversation = ada.writes_to(bob)
    hers, his = ada.connect(), bob.connect()
    for _ in range(3):
        hers.ask("typing.start", conversation_id=conversation)
    assert [frame["data"]["account_id"] for frame in his.hears("typing.started")] == [ada.id]
    assert hers.hears("typing.started") == []


def test_a_long_history_comes_in_frames_that_fit(ada: Talker, bob: Talker) -> None:
    conversation = ada.writes_to(bob)
    hers = ada.connect()
    texts = [str(n) + "ß" * 3990 for n in range(9)]
    for n, text in enumerate(texts):
        hers.ask("message.send", conversation_id=conversation, client_id=f"a{n}", text=text)
    his, since, heard = bob.connect(), 0, []
    while True:
        part = his.ask("sync", conversation_id=conversation, since=since)
        assert len(str(part).encode()) < 32 * 1024
        heard += [it["data"]["message"]["text"] for it in part["updates"] if it["type"] == "message.sent"]
        since = part["updates"][-1]["seq"]
        if not part["more"]:
            break
    assert heard == texts


def test_typing_in_a_room_is_told_to_everybody_else(ada: Talker, bob: Talker) -> None:
    room = ada.begins("room", title="Listening room")
    bob.joins(room)
    phone, laptop, hers = bob.connect(), bob.connect(), ada.connect()
    for line in (phone, laptop, hers):
        line.ask("room.open", conversation_id=room)
    phone.ask("typing.start", conversation_id=room)
    assert [frame["data"]["account_id"] for frame in hers.hears("typing.started")] == [bob.id]
    assert phone.hears() == laptop.hears() == []
