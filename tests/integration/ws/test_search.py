"""Searching a conversation: whoever sees it finds what is said there, as it is by now."""

from typing import Any

import pytest

from core.chat import searching
from core.domain.rates import SEARCHES_BY_ACCOUNT
from tests.integration.ws.conftest import Talker


def search(talker: Talker, conversation: str, query: str, **more: Any) -> dict[str, Any]:
    answer = talker.api.get(f"/conversations/{conversation}/messages/search", params={"q": query, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def texts(found: dict[str, Any]) -> list[str]:
    return [message["text"] for message in found["items"]]


@pytest.fixture
def conversation(ada: Talker, bob: Talker) -> str:
    conversation = ada.writes_to(bob)
    hers = ada.connect()
    for n, text in enumerate(("The first take", "A second take", "Something else", "The last take")):
        hers.ask("message.send", conversation_id=conversation, client_id=f"m{n}", text=text)
    return conversation


def test_the_newest_first_and_page_by_page(conversation: str, bob: Talker) -> None:
    assert texts(search(bob, conversation, "take")) == ["The last take", "A second take", "The first take"]
    first = search(bob, conversation, "take", limit=2)
    rest = search(bob, conversation, "take", limit=2, before=first["next_cursor"])
    assert texts(first) + texts(rest) == ["The last take", "A second take", "The first take"]
    assert rest["next_cursor"] is None


def test_what_was_edited_is_found_as_it_is_and_what_was_deleted_never(conversation: str, ada: Talker) -> None:
    line = ada.connect()
    first, second = (message["seq"] for message in search(ada, conversation, "take")["items"][:2])
    line.ask("message.edit", conversation_id=conversation, seq=first, text="The last cut")
    line.ask("message.delete", conversation_id=conversation, seq=second)
    assert texts(search(ada, conversation, "take")) == ["The first take"]
    assert texts(search(ada, conversation, "cut")) == ["The last cut"]


def test_a_request_looks_at_so_many_and_says_where_to_go_on(
    conversation: str, ada: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "_STEP", 1)
    monkeypatch.setattr(searching, "LOOKED_AT_MAX", 2)
    found = search(ada, conversation, "first")
    assert (texts(found), found["next_cursor"] is not None) == ([], True)
    assert texts(search(ada, conversation, "first", before=found["next_cursor"])) == ["The first take"]


def test_a_stranger_finds_nothing(conversation: str, eve: Talker) -> None:
    answer = eve.api.get(f"/conversations/{conversation}/messages/search", params={"q": "take"})
    assert answer.json()["code"] == "conversation_not_found"


@pytest.mark.parametrize("query", ["", " ", "!?", "a " * 11])
def test_a_query_without_words(query: str, conversation: str, ada: Talker) -> None:
    answer = ada.api.get(f"/conversations/{conversation}/messages/search", params={"q": query})
    assert answer.json()["code"] == "query_invalid"


def test_it_has_a_rate(conversation: str, ada: Talker) -> None:
    ada.world.limits_hold()
    for _ in range(SEARCHES_BY_ACCOUNT.times):
        search(ada, conversation, "take", limit=1)
    answer = ada.api.get(f"/conversations/{conversation}/messages/search", params={"q": "take"})
    assert answer.json()["code"] == "rate_limited"
