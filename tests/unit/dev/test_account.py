"""Accounts through the front door, as a person would, against a scripted API."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from api.new_passwords import NewPasswords
from core.adapters.password_guesser import ZxcvbnGuesser
from core.adapters.passwords import Argon2PasswordHasher
from core.domain.accounts import check_username
from dev.account import DEMO, AccountDoor
from dev.problem import Problem

TOKEN = "s3cret-token_of-the-mail"


class Platform:
    """One account and one mailbox; answers like the API."""

    def __init__(self, *, registered: bool = False, verified: bool = False) -> None:
        self.registered = registered
        self.verified = verified
        self.mails: list[dict[str, Any]] = []
        self.calls: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rsplit("/", 1)[-1]
        if name == "messages":
            return httpx.Response(200, json={"messages": {"000000000000": self.mails}})
        self.calls.append(name)
        answer: Callable[[dict[str, Any]], httpx.Response] = getattr(self, name.replace("-", "_"))
        return answer(json.loads(request.content))

    def register(self, body: dict[str, Any]) -> httpx.Response:
        self.registered = True
        self.mails += [mail_to(body["email"], f"https://veza/#/verify?token={TOKEN}")]
        return httpx.Response(201, json={"user": {}})

    def login(self, body: dict[str, Any]) -> httpx.Response:
        if not self.registered:
            return httpx.Response(401, json={"code": "credentials_wrong"})
        user = {"id": "a1", "email_verified": self.verified}
        return httpx.Response(200, json={"access_token": "jwt", "user": user})

    def verify_email(self, body: dict[str, Any]) -> httpx.Response:
        if body["token"] != TOKEN:
            return httpx.Response(422, json={"code": "token_invalid"})
        self.verified = True
        return httpx.Response(200, json={"user": {}})


def mail_to(email: str, text: str, at: float = 1.0) -> dict[str, Any]:
    return {"To": [email], "Subject": "Hello", "BodyText": text, "BodyHtml": None, "Timestamp": at}


def door(platform: Platform) -> AccountDoor:
    http = httpx.Client(transport=httpx.MockTransport(platform))
    return AccountDoor(http, "http://api/api/v1", "http://cloud")


def test_a_new_account_is_registered_and_verified_with_the_token_of_its_mail() -> None:
    platform = Platform()
    signed_in, made = door(platform).ensure(DEMO)
    assert made
    assert signed_in.verified
    assert signed_in.headers == {"Authorization": "Bearer jwt"}


def test_an_account_that_is_there_is_left_alone() -> None:
    platform = Platform(registered=True, verified=True)
    _, made = door(platform).ensure(DEMO)
    assert not made
    assert set(platform.calls) == {"login"}


def test_a_run_that_was_killed_between_the_two_is_finished() -> None:
    platform = Platform(registered=True)
    platform.mails = [mail_to(DEMO.email, f"verify: https://veza/?token={TOKEN}")]
    signed_in, made = door(platform).ensure(DEMO)
    assert not made
    assert signed_in.verified


def test_the_newest_mail_counts_and_only_ones_own() -> None:
    platform = Platform(registered=True)
    platform.mails = [
        mail_to(DEMO.email, f"token={TOKEN}", at=2.0),
        mail_to(DEMO.email, "token=an-older-token-that-is-void", at=1.0),
        mail_to("somebody@example.com", "token=not-ours-not-ours-not-ours", at=3.0),
    ]
    door(platform).verify(DEMO)
    assert platform.verified


def test_a_refusal_says_which_log_to_read() -> None:
    platform = Platform(registered=True)
    platform.mails = [mail_to(DEMO.email, "token=wrong-wrong-wrong-wrong")]
    with pytest.raises(Problem, match="422") as caught:
        door(platform).verify(DEMO)
    assert "make logs" in caught.value.hint


def test_the_demo_account_meets_the_platforms_own_rules() -> None:
    good_enough = NewPasswords(hasher=Argon2PasswordHasher(), guesser=ZxcvbnGuesser())
    assert good_enough.hash(DEMO.password, email=DEMO.email, username=DEMO.username)
    assert check_username(DEMO.username) == DEMO.username
