"""What may not even be announced, and what storage refuses by itself."""

import pytest

from tests.cloud import new_person
from tests.people import Artist

TWO_GIB = 2 * 1024**3


@pytest.mark.parametrize(
    ("filename", "size_bytes", "code"),
    [
        ("song.wav", 0, "size_zero"),
        ("song.wav", TWO_GIB + 1, "size_too_large"),
        ("../../etc/passwd.wav", 10, "filename_invalid"),
        (".wav", 10, "filename_invalid"),
        ("so\u0000ng.wav", 10, "filename_invalid"),
        ("song.exe", 10, "extension_unsupported"),
        ("song", 10, "filename_invalid"),
    ],
)
def test_nonsense_is_refused_and_creates_nothing(filename: str, size_bytes: int, code: str, stranger: Artist) -> None:
    answer = stranger.call("POST", "/uploads", filename=filename, size_bytes=size_bytes)
    assert answer.status_code == 422
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["code"] == code or any(error["code"] == code for error in problem.get("errors", []))
    assert problem["request_id"]
    assert stranger.call("GET", "/tracks").json()["items"] == []


def test_storage_refuses_other_bytes_than_announced(artist: Artist) -> None:
    data = b"RIFF" + bytes(2000)
    upload = artist.announce("song.wav", data)
    url, headers = upload["put"]["url"], upload["put"]["headers"]
    put = artist.cloud.http.put
    unsized = {name: value for name, value in headers.items() if name.lower() != "content-length"}
    assert put(url, content=data + b"more", headers=unsized).status_code == 403
    assert put(url, content=data[:-1] + b"X", headers=headers).status_code == 400
    assert put(url, content=data, headers={**headers, "content-type": "text/html"}).status_code == 403
    status = artist.call("GET", f"/uploads/{upload['upload_id']}").json()
    assert status["state"] == "open"
    artist.call("DELETE", f"/uploads/{upload['upload_id']}")


def test_an_unverified_account_may_sign_in_but_not_upload(artist: Artist) -> None:
    accounts, person = artist.cloud.accounts, new_person()
    accounts.register(person)
    signed_in = accounts.sign_in(person)
    assert not signed_in.verified
    answer = artist.cloud.http.post(
        f"{artist.cloud.api_url}/uploads", json={"filename": "a.wav", "size_bytes": 10}, headers=signed_in.headers
    )
    assert answer.status_code == 403
    assert answer.json()["code"] == "email_not_verified"


def test_only_a_valid_token_opens_media(artist: Artist) -> None:
    """Whatever is wrong with the token, the edge answers 403 before anything is looked for."""
    track = "01990000-0000-7000-8000-000000000000"
    for token in ("", "h.1.x", "h.99999999999.AAAA", "x.99999999999.AAAA"):
        answer = artist.cloud.http.get(f"{artist.cloud.media_url}/media/{token}/{track}/0123456789abcdef/master.m3u8")
        assert answer.status_code == 403
