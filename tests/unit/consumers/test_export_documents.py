"""What an export tells: every field of every noun was thought about, and no secret is among what is shown."""

import io
import json
import zipfile
from dataclasses import fields

import pytest

from consumers.privacy.archive import File, zipped
from consumers.privacy.documents import SHOWN, WITHHELD, document
from tests.builders import NOW, a_ready_track, a_session, an_account


@pytest.mark.parametrize("kind", SHOWN, ids=lambda kind: kind.__name__)
def test_every_field_is_shown_or_withheld_on_purpose(kind: type) -> None:
    named = {field.name for field in fields(kind)}
    assert set(SHOWN[kind]) | WITHHELD[kind] == named
    assert not set(SHOWN[kind]) & WITHHELD[kind]


def test_no_secret_is_shown() -> None:
    secret = {"hash", "password", "sealed", "secret", "public_key"}
    shown = {name for names in SHOWN.values() for name in names}
    assert [name for name in shown if any(word in name for word in secret)] == []


def test_times_are_for_people_too() -> None:
    told = json.loads(document(an_account(created_at=NOW)))
    assert told["created_at"] == "2027-01-15T08:00:00+00:00"
    assert told["roles"] == ["user"]
    assert told["closing_at"] is None


def test_nouns_in_nouns_are_told() -> None:
    (session,) = json.loads(document([a_session()]))
    assert session["origin"] == {"address": "192.0.2.1", "device": "Firefox on Linux", "place": "Lyon, FR"}
    (track,) = json.loads(document([a_ready_track()]))
    assert track["media"]["tags"].keys() >= {"title", "artist"}


def test_a_zip_is_written_as_it_is_read() -> None:
    taken: list[int] = []

    def audio() -> list[bytes]:
        taken.append(1)
        return [b"a" * 1000, b"b" * 1000]

    files = (File(f"audio/{number}.wav", audio(), packed=False) for number in range(3))
    chunks = zipped(files)
    next(chunks)
    assert len(taken) == 1

    body = b"".join([next(chunks), *chunks])
    assert len(body) > 5000


def test_a_zip_opens_and_holds_everything() -> None:
    files = [File("README.txt", [b"hello"], packed=True), File("audio/ä ☃.wav", [b"x" * 100, b"y" * 100], packed=False)]
    with zipfile.ZipFile(io.BytesIO(b"".join(zipped(files)))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["README.txt", "audio/ä ☃.wav"]
        assert archive.read("README.txt") == b"hello"
        assert archive.read("audio/ä ☃.wav") == b"x" * 100 + b"y" * 100


def test_an_empty_zip_is_one() -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(zipped([])))) as archive:
        assert archive.namelist() == []
