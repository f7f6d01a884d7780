"""Sign in by a mailed link: once, soon, and in the browser that asked for it."""

import pytest

from core.domain.tickets import LIFE_S, Purpose
from tests.integration.api.world import PASSWORD, World

ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}


@pytest.fixture
def token(world: World) -> str:
    world.register(ADA, verified=False)
    assert world.api.post("/auth/magic-link", {"email": "ADA@example.com"}).status_code == 202
    return world.mailed_token(ADA["email"])


def test_signs_in_where_it_was_asked_for(world: World, token: str) -> None:
    answer = world.api.post("/auth/magic-link/sign-in", {"token": token})

    assert answer.status_code == 200
    assert answer.json()["user"]["email_verified"] is True
    assert world.api.post("/auth/refresh").status_code == 200
    assert world.api.get("/auth/login-history").json()["items"][0]["way"] == "magic_link"


def test_opens_nothing_elsewhere(world: World, token: str) -> None:
    """Who made somebody ask for a link, or read the mail on its way, is left outside."""
    thief = world.api.another().post("/auth/magic-link/sign-in", {"token": token})

    assert (thief.status_code, thief.json()["code"]) == (401, "link_from_elsewhere")
    assert world.api.post("/auth/magic-link/sign-in", {"token": token}).status_code == 200


def test_native_clients_keep_the_other_half_themselves(world: World) -> None:
    world.register(ADA)
    app = world.api.another()
    kept = app.post("/auth/magic-link", {"email": ADA["email"], "client": "native"}).json()["kept"]
    token = world.mailed_token(ADA["email"])

    answer = world.api.another().post("/auth/magic-link/sign-in", {"token": token, "kept": kept, "client": "native"})

    assert answer.json()["refresh_token"]


def test_works_once(world: World, token: str) -> None:
    kept = dict(world.api.cookies)
    world.api.post("/auth/magic-link/sign-in", {"token": token})

    again = world.api.post("/auth/magic-link/sign-in", {"token": token, "kept": kept["veza_link"]})

    assert (again.status_code, again.json()["code"]) == (401, "link_invalid")


def test_expires(world: World, token: str) -> None:
    world.clock.advance(LIFE_S[Purpose.SIGN_IN])

    assert world.api.post("/auth/magic-link/sign-in", {"token": token}).json()["code"] == "link_invalid"


def test_a_link_for_something_else_signs_nobody_in(world: World) -> None:
    world.register(ADA)
    world.api.post("/auth/magic-link", {"email": "somebody@else.example"})
    world.api.post("/auth/password/forgot", {"email": ADA["email"]})
    token = world.mailed_token(ADA["email"])

    assert world.api.post("/auth/magic-link/sign-in", {"token": token}).json()["code"] == "link_invalid"


def test_does_not_tell_who_has_an_account(world: World) -> None:
    world.register(ADA)

    def ask(email: str) -> tuple[int, bytes, list[str]]:
        answers = []
        api = world.api.another()
        asked = world.statements_of(lambda: answers.append(api.post("/auth/magic-link", {"email": email})))
        return answers[0].status_code, answers[0].content, asked

    assert ask(ADA["email"]) == ask("who@example.com")


def test_a_suspended_account_stays_outside(world: World, token: str) -> None:
    world.suspend(ADA["email"])

    assert world.api.post("/auth/magic-link/sign-in", {"token": token}).json()["code"] == "account_suspended"
