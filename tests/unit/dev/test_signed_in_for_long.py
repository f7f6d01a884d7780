"""The suites' own accounts: signed in for as long as a suite lasts."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import httpx
import pytest

from dev.account import DEMO, AccountDoor, Person, SignedIn
from tests.people import StaysSignedIn


@dataclass
class Door:
    signed_in: list[Person] = field(default_factory=list)

    def sign_in(self, person: Person) -> SignedIn:
        self.signed_in.append(person)
        return user(f"token {len(self.signed_in)}")


def user(token: str) -> SignedIn:
    return SignedIn(person=DEMO, account_id="a", access_token=token, verified=True)


def test_somebody_signs_in_again_before_the_token_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, door = iter((0.0, 600.0, 601.0, 601.0, 1200.0, 1202.0, 1202.0)), Door()
    monkeypatch.setattr("tests.people.time", SimpleNamespace(monotonic=lambda: next(clock)))
    answering = httpx.MockTransport(lambda request: httpx.Response(200, text=request.headers["Authorization"]))
    auth = StaysSignedIn(cast("AccountDoor", door), user("token 0"))
    with httpx.Client(transport=answering, auth=auth, trust_env=False) as client:
        heard = [client.get("http://localhost/").text for _ in range(4)]
    assert heard == [f"Bearer token {number}" for number in (0, 1, 1, 2)]
    assert door.signed_in == [DEMO, DEMO]
