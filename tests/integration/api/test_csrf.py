"""Another page can make a browser send a request, but not one that counts."""

import pytest

from core.domain.ids import new_id
from tests.integration.api.client import cookies_set_by
from tests.integration.api.world import PASSWORD, World

ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
UPLOAD = {"filename": "song.wav", "size_bytes": 1000}


@pytest.fixture
def ada(world: World) -> World:
    world.sign_in(ADA)
    return world


def test_a_browser_s_tokens_are_in_cookies_that_no_script_can_read(world: World) -> None:
    world.register(ADA)
    answer = world.api.post("/auth/login", {"email": ADA["email"], "password": PASSWORD})

    cookies = cookies_set_by(answer)

    assert "access_token" not in answer.json()
    assert {name: bool(morsel["httponly"]) for name, morsel in cookies.items()} == {
        "veza_access": True,
        "veza_refresh": True,
        "veza_csrf": False,
    }
    assert {morsel["samesite"] for morsel in cookies.values()} == {"strict"}
    assert all(morsel["secure"] for morsel in cookies.values())


def test_our_page_may_change_things(ada: World) -> None:
    assert ada.api.post("/uploads", UPLOAD).status_code == 201


@pytest.mark.parametrize("proof", [None, "", "a guess"])
def test_another_page_may_not(ada: World, proof: str | None) -> None:
    headers = {} if proof is None else {"X-CSRF-Token": proof}

    answer = ada.api.without_proof().post("/uploads", UPLOAD, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_invalid")


def test_looking_needs_no_proof(ada: World) -> None:
    assert ada.api.without_proof().get("/tracks").status_code == 200


def test_the_proof_of_another_session_is_none(ada: World) -> None:
    other = ada.api.another()
    other.post("/auth/login", {"email": ADA["email"], "password": PASSWORD})

    answer = ada.api.without_proof().post("/uploads", UPLOAD, headers={"X-CSRF-Token": other.cookies["veza_csrf"]})

    assert answer.json()["code"] == "csrf_invalid"


def test_a_refresh_by_cookie_needs_it_too(ada: World) -> None:
    assert ada.api.without_proof().post("/auth/refresh").json()["code"] == "csrf_invalid"
    assert ada.api.post("/auth/refresh").status_code == 200


def test_programs_need_none(world: World) -> None:
    world.be("ada")

    assert world.api.post("/uploads", UPLOAD).status_code == 201


def test_an_api_key_is_no_cookie(ada: World) -> None:
    """It has no session, so no proof against forgery could belong to it."""
    asked = {"name": "My script", "scopes": ["read", "write"], "expires_in": 86400}
    key = ada.api.post("/auth/api-keys", asked).json()["key"]
    browser = ada.api.another()
    browser.cookies.set("veza_access", key)

    answer = browser.get("/tracks")

    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert ada.api.another(key).get("/tracks").status_code == 200


def test_a_bearer_token_is_looked_at_before_any_cookie(ada: World) -> None:
    stranger = ada.somebody_else()
    assert stranger.token is not None

    answer = ada.api.get("/auth/me", headers={"Authorization": f"Bearer {stranger.token}"})

    assert answer.json()["username"] == "stranger"


def test_signing_out_takes_all_cookies_back(ada: World) -> None:
    ada.api.post("/auth/logout")

    assert not {"veza_access", "veza_refresh", "veza_csrf"} & set(ada.api.cookies)


def test_an_old_cookie_of_nobody_is_a_401(world: World) -> None:
    answer = world.api.get("/tracks", headers={"Cookie": f"veza_access={new_id()}"})

    assert answer.json()["code"] == "token_invalid"
