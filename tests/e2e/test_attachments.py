"""Files in messages, on the deployed stack: storage, clamd and the socket are real."""

import time
from typing import Any, NamedTuple
from urllib.parse import unquote

import httpx
import pytest

from tests.corpus import eicar
from tests.corpus.attached import ATTACHED, PNG
from tests.talkers import PATIENCE_S, Talker, acquaintance, ada, bob, eve  # noqa: F401 - fixtures

# ruff: noqa: F811 - what tests ask for are the fixtures above


@pytest.fixture(scope="module")
def conversation(ada: Talker, bob: Talker) -> str:
    return ada.begins("direct", account_id=bob.id)


def announces(talker: Talker, conversation: str, filename: str, content: bytes) -> dict[str, Any]:
    order = {"filename": filename, "size_bytes": len(content)}
    answer = talker.call("POST", f"/conversations/{conversation}/attachments", order)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def puts(talker: Talker, announced: dict[str, Any], content: bytes) -> httpx.Response:
    put = announced["put"]
    return talker.cloud.http.put(put["url"], content=content, headers=put["headers"])


def look(talker: Talker, conversation: str, attachment_id: str) -> httpx.Response:
    return talker.call("GET", f"/conversations/{conversation}/attachments/{attachment_id}")


def scanned(talker: Talker, conversation: str, filename: str, content: bytes) -> dict[str, Any]:
    """What has become of it."""
    announced = announces(talker, conversation, filename, content)
    sent = puts(talker, announced, content)
    assert sent.status_code == 200, sent.text
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        answer = look(talker, conversation, announced["attachment"]["id"])
        assert answer.status_code == 200, answer.text
        if answer.json()["state"] != "announced":
            return dict(answer.json())
        time.sleep(0.2)
    raise AssertionError("the scan did not come to an end")


class Case(NamedTuple):
    filename: str
    content: bytes
    kind: str
    disposition: str


CASES = (
    Case('Höhe & "Tiefe" 1.png', PNG, "image/png", "inline"),
    Case("lyrics.txt", ATTACHED["lyrics.txt"], "text/plain", "attachment"),
)


@pytest.mark.parametrize("case", CASES, ids=[case.kind for case in CASES])
def test_what_is_said_comes_as_it_was_sent(
    case: Case, conversation: str, ada: Talker, bob: Talker, eve: Talker
) -> None:
    filename, content, kind, disposition = case
    hers, his = ada.connect(), bob.connect()
    his.ask("hello")
    ready = scanned(ada, conversation, filename, content)
    assert ready["state"] == "clean", ready
    assert look(bob, conversation, ready["id"]).status_code == 404

    said = {"conversation_id": conversation, "client_id": f"file-{disposition}", "attachments": [ready["id"]]}
    seq = hers.ask("message.send", **said)["seq"]

    (file,) = his.hears("message.sent")[0]["data"]["message"]["attachments"]
    assert file == {"id": ready["id"], "filename": filename, "size_bytes": len(content), "content_type": kind}
    assert look(eve, conversation, ready["id"]).status_code == 404
    url = look(bob, conversation, file["id"]).json()["url"]
    found = httpx.get(url)
    assert found.content == content
    assert found.headers["content-type"].startswith(kind)
    way, _, name = found.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert (way, unquote(name)) == (disposition, filename)

    hers.ask("message.delete", conversation_id=conversation, seq=seq)
    assert look(bob, conversation, file["id"]).status_code == 404


def test_malware_reaches_nobody(conversation: str, ada: Talker) -> None:
    refused = scanned(ada, conversation, "notes.txt", eicar())
    assert (refused["state"], refused["reason"]["code"], refused["url"]) == ("refused", "infected", None)
    said = {"conversation_id": conversation, "client_id": "malware", "attachments": [refused["id"]]}
    assert ada.connect().refused("message.send", **said) == "attachment_refused"


def test_an_address_takes_one_file_of_that_size_once(conversation: str, ada: Talker) -> None:
    announced = announces(ada, conversation, "cover.png", PNG)
    assert puts(ada, announced, PNG).status_code == 200
    assert puts(ada, announced, PNG).status_code == 412
