"""Files in messages, on the deployed stack: storage, clamd and the socket are real."""

from typing import NamedTuple
from urllib.parse import unquote

import httpx
import pytest

from tests.corpus import eicar
from tests.corpus.attached import ATTACHED, PNG
from tests.talkers import Talker, acquaintance, ada, bob, eve  # noqa: F401 - fixtures

# ruff: noqa: F811 - what tests ask for are the fixtures above


@pytest.fixture(scope="module")
def conversation(ada: Talker, bob: Talker) -> str:
    return ada.begins("direct", account_id=bob.id)


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
    ready = ada.attaches(conversation, filename, content)
    assert ready["state"] == "clean", ready
    assert bob.looks_at(conversation, ready["id"]).status_code == 404

    said = {"conversation_id": conversation, "client_id": f"file-{disposition}", "attachments": [ready["id"]]}
    seq = hers.ask("message.send", **said)["seq"]

    (file,) = his.hears("message.sent")[0]["data"]["message"]["attachments"]
    assert file == {"id": ready["id"], "filename": filename, "size_bytes": len(content), "content_type": kind}
    assert eve.looks_at(conversation, ready["id"]).status_code == 404
    url = bob.looks_at(conversation, file["id"]).json()["url"]
    found = httpx.get(url)
    assert found.content == content
    assert found.headers["content-type"].startswith(kind)
    way, _, name = found.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert (way, unquote(name)) == (disposition, filename)

    hers.ask("message.delete", conversation_id=conversation, seq=seq)
    assert bob.looks_at(conversation, file["id"]).status_code == 404


def test_malware_reaches_nobody(conversation: str, ada: Talker) -> None:
    refused = ada.attaches(conversation, "notes.txt", eicar())
    assert (refused["state"], refused["reason"]["code"], refused["url"]) == ("refused", "infected", None)
    said = {"conversation_id": conversation, "client_id": "malware", "attachments": [refused["id"]]}
    assert ada.connect().refused("message.send", **said) == "attachment_refused"


def test_an_address_takes_one_file_of_that_size_once(conversation: str, ada: Talker) -> None:
    announced = ada.announces(conversation, "cover.png", PNG)
    assert ada.puts(announced, PNG).status_code == 200
    assert ada.puts(announced, PNG).status_code == 412
