"""A change of address: both sides agree, and nobody learns who else has an account."""

import pytest

from core.domain.tickets import LIFE_S, Purpose
from tests.integration.api.world import PASSWORD, World

ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
NEW = "ada@elsewhere.example"


@pytest.fixture
def ada(world: World) -> World:
    world.sign_in(ADA)
    return world


@pytest.fixture
def tokens(ada: World) -> dict[str, str]:
    """By address, after a change was asked for."""
    answer = ada.api.post("/auth/email", {"password": PASSWORD, "new_email": NEW})
    assert answer.status_code == 202, answer.text
    return {letter.to: letter.text.partition("token=")[2].split()[0] for letter in ada.mail().sent}


def agree(world: World, token: str) -> tuple[int, str]:
    answer = world.api.another().post("/auth/email/confirm", {"token": token})
    return answer.status_code, answer.json().get("code") or answer.json()["status"]


@pytest.mark.parametrize("order", [(ADA["email"], NEW), (NEW, ADA["email"])])
def test_is_done_once_both_agreed_in_whatever_order(ada: World, tokens: dict[str, str], order: tuple[str, str]) -> None:
    first, second = order

    assert agree(ada, tokens[first]) == (200, "waiting")
    assert ada.api.get("/auth/me").json()["email"] == ADA["email"]
    assert agree(ada, tokens[second]) == (200, "changed")

    assert ada.api.get("/auth/me").json()["email"] == NEW
    login = {"email": NEW, "password": PASSWORD}
    assert ada.api.another().post("/auth/login", login).status_code == 200
    old = {"email": ADA["email"], "password": PASSWORD}
    assert ada.api.another().post("/auth/login", old).status_code == 401


def test_the_old_address_is_free_again(ada: World, tokens: dict[str, str]) -> None:
    for token in tokens.values():
        agree(ada, token)

    again = {**ADA, "username": "somebody"}
    assert ada.api.another().post("/auth/register", again).status_code == 201


def test_one_side_twice_is_not_both(ada: World, tokens: dict[str, str]) -> None:
    assert agree(ada, tokens[NEW]) == (200, "waiting")
    assert agree(ada, tokens[NEW]) == (200, "waiting")
    assert ada.api.get("/auth/me").json()["email"] == ADA["email"]


def test_asks_for_the_password(ada: World) -> None:
    answer = ada.api.post("/auth/email", {"password": "a guess", "new_email": NEW})

    assert (answer.status_code, answer.json()["code"]) == (422, "password_wrong")
    assert ada.mail().sent == []


def test_an_address_that_is_taken_shows_only_to_who_can_read_its_mail(ada: World) -> None:
    ada.register({"email": NEW, "username": "grace"})
    asked = ada.api.post("/auth/email", {"password": PASSWORD, "new_email": NEW})
    tokens = {letter.to: letter.text.partition("token=")[2].split()[0] for letter in ada.mail().sent}

    assert asked.status_code == 202
    assert agree(ada, tokens[ADA["email"]]) == (200, "waiting")
    assert agree(ada, tokens[NEW]) == (409, "email_taken")


def test_one_s_own_address_is_refused(ada: World) -> None:
    answer = ada.api.post("/auth/email", {"password": PASSWORD, "new_email": "ADA@example.com"})

    assert answer.json()["code"] == "email_same"


def test_given_up_the_links_are_worth_nothing(ada: World, tokens: dict[str, str]) -> None:
    assert ada.api.delete("/auth/email").status_code == 204

    assert agree(ada, tokens[NEW]) == (422, "email_token_invalid")


def test_links_of_a_change_before_do_not_count_for_the_next(ada: World, tokens: dict[str, str]) -> None:
    ada.api.post("/auth/email", {"password": PASSWORD, "new_email": "third@example.com"})

    assert agree(ada, tokens[ADA["email"]]) == (422, "email_token_invalid")


def test_the_links_expire(ada: World, tokens: dict[str, str]) -> None:
    ada.clock.advance(LIFE_S[Purpose.TAKE_EMAIL])

    assert agree(ada, tokens[NEW]) == (422, "email_token_invalid")


def test_a_mailed_line_break_starts_no_header(ada: World) -> None:
    answer = ada.api.post("/auth/email", {"password": PASSWORD, "new_email": "a@b.example\r\nBcc: all@b.example"})

    assert answer.status_code == 422
