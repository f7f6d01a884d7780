"""What chat refuses, by the code that it says so with."""

from typing import Any

import pytest

from core.domain.rates import MESSAGES_BY_ACCOUNT, READS_BY_ACCOUNT, SIGNS_BY_ACCOUNT, Rate
from core.store.conversations import ConversationRepository
from tests import builders
from tests.integration.ws.conftest import Line, Talker
from ws.chat.service import KINDS, RATES

EMOJIS = [chr(0x1F600 + n) for n in range(21)]


@pytest.fixture
def conversation(ada: Talker, bob: Talker) -> str:
    return ada.writes_to(bob)


@pytest.fixture
def hers(ada: Talker) -> Line:
    return ada.connect()


def says(line: Line, conversation: str, client_id: str = "a1", **more: Any) -> int:
    said = {"conversation_id": conversation, "client_id": client_id, "text": "Hello", **more}
    return int(line.ask("message.send", **said)["seq"])


def strict(talker: Talker) -> None:
    """From now on limits are as narrow as where people are."""
    talker.world.parts.limit_factor = 1


# -- rates


def test_the_sixty_first_message_of_a_minute(conversation: str, ada: Talker, hers: Line) -> None:
    strict(ada)
    for n in range(MESSAGES_BY_ACCOUNT.times):
        says(hers, conversation, f"m{n}")
    assert hers.refused("message.send", conversation_id=conversation, client_id="m60", text="Hi") == "rate_limited"
    assert says(hers, conversation, "m0") == 3, "what was said before is no other message"
    ada.world.clock.advance(60)
    says(hers, conversation, "m60")


@pytest.mark.parametrize(
    ("kind", "data", "rate"),
    [
        ("sync", {"since": 0}, READS_BY_ACCOUNT),
        ("receipt.set", {"read": 1}, SIGNS_BY_ACCOUNT),
        ("message.edit", {"seq": 3, "text": "Hi"}, SIGNS_BY_ACCOUNT),
        ("room.close", {}, SIGNS_BY_ACCOUNT),
    ],
)
def test_everything_that_costs_has_a_rate(
    kind: str, data: dict[str, Any], rate: Rate, conversation: str, hers: Line
) -> None:
    says(hers, conversation)
    hers.world.parts.limit_factor = 1
    for _ in range(rate.times):
        hers.ask(kind, conversation_id=conversation, **data)
    assert hers.refused(kind, conversation_id=conversation, **data) == "rate_limited"
    hers.ask("ping")


def test_no_frame_is_without_a_rate_but_a_bare_heartbeat_and_hello() -> None:
    by_use_case = {"message.send", "message.edit", "reaction.set", "pin.set", "presence.set", "typing.start",
                   "call.signal"}  # fmt: skip
    assert {kind.type for kind in RATES} | by_use_case | {"hello"} == set(KINDS)


# -- messages


@pytest.mark.parametrize("text", [" ", "\u202e", "\x00", "\n\t"])
def test_a_text_that_is_none(text: str, conversation: str, hers: Line) -> None:
    assert hers.refused("message.send", conversation_id=conversation, client_id="a1", text=text) == "text_invalid"


def test_a_text_that_is_too_long(conversation: str, hers: Line) -> None:
    says(hers, conversation, text="x" * 4000)
    long = {"conversation_id": conversation, "client_id": "a2", "text": "x" * 4001}
    assert hers.refused("message.send", **long) == "validation_failed"


def test_a_reply_to_what_is_not_there(conversation: str, hers: Line) -> None:
    gone = says(hers, conversation)
    hers.ask("message.delete", conversation_id=conversation, seq=gone)
    for seq in (gone, 1, 99):
        asked = {"conversation_id": conversation, "client_id": "a2", "text": "Hi", "reply_to": seq}
        assert hers.refused("message.send", **asked) == "reply_invalid"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("message.edit", {"text": "Hi"}),
        ("message.delete", {}),
        ("reaction.set", {"reaction": "🎧", "given": True}),
        ("pin.set", {"pinned": True}),
    ],
)
def test_a_message_that_is_not_there(kind: str, data: dict[str, Any], conversation: str, hers: Line) -> None:
    assert hers.refused(kind, conversation_id=conversation, seq=99, **data) == "message_not_found"


@pytest.mark.parametrize(
    ("sign", "problem"),
    [
        ("x", "reaction_invalid"),
        ("a🎧", "reaction_invalid"),
        ("1", "reaction_invalid"),
        ("🎧" * 17, "validation_failed"),
    ],
)
def test_a_reaction_that_is_no_emoji(sign: str, problem: str, conversation: str, hers: Line) -> None:
    about = {"conversation_id": conversation, "seq": says(hers, conversation)}
    assert hers.refused("reaction.set", **about, reaction=sign, given=True) == problem


def test_more_reactions_than_a_message_can_bear(conversation: str, hers: Line) -> None:
    about = {"conversation_id": conversation, "seq": says(hers, conversation)}
    for sign in EMOJIS[:20]:
        hers.ask("reaction.set", **about, reaction=sign, given=True)
    assert hers.refused("reaction.set", **about, reaction=EMOJIS[20], given=True) == "reactions_too_many"


def test_more_pins_than_a_conversation_can_bear(conversation: str, hers: Line) -> None:
    for n in range(51):
        seq = says(hers, conversation, f"m{n}")
        if n < 50:
            hers.ask("pin.set", conversation_id=conversation, seq=seq, pinned=True)
    assert hers.refused("pin.set", conversation_id=conversation, seq=seq, pinned=True) == "pins_too_many"


def test_more_rooms_than_a_socket_can_follow(ada: Talker, hers: Line) -> None:
    rooms = [ada.begins("room", title=f"Room {n}") for n in range(21)]
    for room in rooms[:20]:
        hers.ask("room.open", conversation_id=room)
    assert hers.refused("room.open", conversation_id=rooms[20]) == "rooms_too_many"
    hers.ask("room.close", conversation_id=rooms[0])
    hers.ask("room.open", conversation_id=rooms[20])


# -- members


def code(ada: Talker, method: str, path: str, body: Any = None) -> str:
    answer = ada.api.call(method, path, body)
    return str(answer.json()["code"])


def test_members_and_rules_that_make_no_sense(ada: Talker, bob: Talker, eve: Talker) -> None:
    group = ada.begins("group", title="The band", account_ids=[bob.id])
    bob.joins(group)
    here = f"/conversations/{group}"
    assert code(ada, "DELETE", f"{here}/members/{eve.id}") == "member_not_found"
    assert code(ada, "PATCH", f"{here}/members/{eve.id}", {"role": "moderator"}) == "member_not_found"
    assert code(ada, "PATCH", here, {"slow_mode_s": 6 * 3600 + 1}) == "validation_failed"
    long = {"muted_for_s": 28 * 24 * 3600 + 1}
    assert code(ada, "PATCH", f"{here}/members/{bob.id}", long) == "validation_failed"


def test_a_group_that_is_full(ada: Talker, bob: Talker) -> None:
    others = [builders.an_account(email=f"u{n}@example.com", username=f"user-{n}") for n in range(100)]
    for other in others:
        ada.world.parts.accounts.create(other)
    order = {"kind": "group", "title": "All", "account_ids": [other.id for other in others]}
    assert code(ada, "POST", "/conversations", order) == "validation_failed", "a hundred and their owner"
    group = ada.begins("group", title="All", account_ids=[other.id for other in others[1:]])
    assert code(ada, "POST", f"/conversations/{group}/members", {"account_id": bob.id}) == "group_full"


def test_receipts_of_devices_that_never_stop_racing(
    conversation: str, hers: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    seq, read = says(hers, conversation), ConversationRepository.member

    def and_another_device_saves(self: Any, *about: Any) -> Any:
        member = read(self, *about)
        self.save_receipts(member)
        return member

    monkeypatch.setattr(ConversationRepository, "member", and_another_device_saves)
    assert hers.refused("receipt.set", conversation_id=conversation, read=seq) == "stale_member"
    monkeypatch.undo()
    hers.ask("receipt.set", conversation_id=conversation, read=seq)


def test_an_api_key_opens_no_socket(ada: Talker) -> None:
    asked = {"name": "Script", "scopes": ["read", "write"], "expires_in": 24 * 3600}
    made = ada.api.post("/auth/api-keys", asked)
    assert made.status_code == 201, made.text
    keyed = ada.api.another(made.json()["key"])
    assert keyed.post("/ws/tickets", {"socket": "chat"}).json()["code"] == "person_needed"
    assert keyed.get("/conversations").json()["code"] == "person_needed"
