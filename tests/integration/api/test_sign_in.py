"""Sign-in, staying signed in, signing out, and what a thief gets."""

import pytest

from core.domain.ids import new_id
from core.domain.limits import ACCESS_TOKEN_S, REFRESH_GRACE_S, REFRESH_TOKEN_S, REMEMBERED_S, SESSION_MAX_S
from tests.integration.api.client import cookies_set_by
from tests.integration.api.world import PASSWORD, World

ADA = {"email": "Ada@Example.com", "username": "Ada", "password": PASSWORD}


def login_of(person: dict[str, str], **more: object) -> dict[str, object]:
    return {"email": person["email"], "password": person["password"], **more}


class TestLogin:
    def test_gives_a_browser_a_cookie_scripts_cannot_read(self, world: World) -> None:
        world.register(ADA)

        answer = world.api.post("/auth/login", login_of(ADA))

        body = answer.json()
        assert answer.status_code == 200
        assert (body["token_type"], body["expires_in"]) == ("Bearer", ACCESS_TOKEN_S)
        assert body["user"]["username"] == "ada"
        assert "refresh_token" not in body
        cookie = cookies_set_by(answer)["veza_refresh"]
        assert cookie["httponly"]
        assert cookie["secure"]
        assert cookie["samesite"] == "strict"
        assert cookie["path"] == "/api/v1/auth"
        assert cookie["max-age"] == str(REFRESH_TOKEN_S)
        assert answer.headers["cache-control"] == "no-store"

    def test_gives_native_clients_tokens_and_no_cookies(self, world: World) -> None:
        world.register(ADA)

        answer = world.api.post("/auth/login", login_of(ADA, client="native"))

        assert {"access_token", "refresh_token"} <= set(answer.json())
        assert cookies_set_by(answer) == {}

    def test_remembers_for_longer_if_asked(self, world: World) -> None:
        world.register(ADA)

        answer = world.api.post("/auth/login", login_of(ADA, remember=True))

        assert cookies_set_by(answer)["veza_refresh"]["max-age"] == str(REMEMBERED_S)

    def test_an_unverified_account_can_sign_in(self, world: World) -> None:
        world.api.post("/auth/register", ADA)

        assert world.api.post("/auth/login", login_of(ADA)).json()["user"]["email_verified"] is False

    def test_an_unknown_account_gets_the_same_answer_for_the_same_work(self, world: World) -> None:
        world.register(ADA)
        wrong = world.api.post("/auth/login", {**login_of(ADA), "password": "not the password"})
        checks_wrong = len(world.hasher.verified)
        unknown = world.api.post("/auth/login", {"email": "who@example.com", "password": "not the password"})
        checks_unknown = len(world.hasher.verified) - checks_wrong

        assert wrong.status_code == unknown.status_code == 401
        assert {**wrong.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}
        assert checks_wrong == checks_unknown == 1

    def test_the_same_password_from_another_keyboard_fits(self, world: World) -> None:
        composed = "ein schönes wort für dich"
        world.register({**ADA, "password": composed})

        decomposed = composed.replace("ö", "o\u0308").replace("ü", "u\u0308")

        assert world.api.post("/auth/login", login_of({**ADA, "password": decomposed})).status_code == 200


class TestRefresh:
    def test_rotates_the_cookie(self, world: World) -> None:
        world.sign_in(ADA)
        before = world.api.cookies["veza_refresh"]

        answer = world.api.post("/auth/refresh")

        assert answer.status_code == 200
        assert answer.json()["user"]["username"] == "ada"
        assert world.api.cookies["veza_refresh"] != before

    def test_goes_on_and_on(self, world: World) -> None:
        world.sign_in(ADA)

        for _ in range(5):
            world.clock.advance(ACCESS_TOKEN_S)
            assert world.api.post("/auth/refresh").status_code == 200

    def test_takes_the_token_in_the_body_and_answers_there(self, world: World) -> None:
        world.register(ADA)
        token = world.api.post("/auth/login", login_of(ADA, client="native")).json()["refresh_token"]
        phone = world.api.another()

        answer = phone.post("/auth/refresh", {"refresh_token": token})

        assert answer.json()["refresh_token"] not in {token, None}

    def test_two_at_once_with_one_token_both_succeed_and_agree(self, world: World) -> None:
        world.register(ADA)
        token = world.api.post("/auth/login", login_of(ADA, client="native")).json()["refresh_token"]
        phone = world.api.another()

        answers = phone.together(*[("POST", "/auth/refresh", {"refresh_token": token})] * 4)

        assert [answer.status_code for answer in answers] == [200] * 4
        following = {answer.json()["refresh_token"] for answer in answers}
        assert len(following) == 1
        world.clock.advance(REFRESH_GRACE_S + 1)
        assert phone.post("/auth/refresh", {"refresh_token": following.pop()}).status_code == 200

    def test_a_retry_after_a_lost_answer_gets_the_same_successor(self, world: World) -> None:
        world.register(ADA)
        token = world.api.post("/auth/login", login_of(ADA, client="native")).json()["refresh_token"]
        phone = world.api.another()

        lost = phone.post("/auth/refresh", {"refresh_token": token}).json()["refresh_token"]
        world.clock.advance(REFRESH_GRACE_S)
        again = phone.post("/auth/refresh", {"refresh_token": token}).json()["refresh_token"]

        assert again == lost

    def test_a_used_token_closes_the_session_for_thief_and_owner(self, world: World) -> None:
        world.register(ADA)
        stolen = world.api.post("/auth/login", login_of(ADA, client="native")).json()["refresh_token"]
        current = world.api.another().post("/auth/refresh", {"refresh_token": stolen}).json()["refresh_token"]
        world.clock.advance(REFRESH_GRACE_S + 1)

        thief = world.api.another().post("/auth/refresh", {"refresh_token": stolen})
        owner = world.api.another().post("/auth/refresh", {"refresh_token": current})

        assert (thief.status_code, thief.json()["code"]) == (401, "refresh_reused")
        assert (owner.status_code, owner.json()["code"]) == (401, "refresh_invalid")

    def test_a_token_older_than_the_previous_closes_the_session_at_once(self, world: World) -> None:
        world.register(ADA)
        stolen = world.api.post("/auth/login", login_of(ADA, client="native")).json()["refresh_token"]
        second = world.api.another().post("/auth/refresh", {"refresh_token": stolen}).json()["refresh_token"]
        third = world.api.another().post("/auth/refresh", {"refresh_token": second}).json()["refresh_token"]

        assert world.api.another().post("/auth/refresh", {"refresh_token": stolen}).json()["code"] == "refresh_reused"
        assert world.api.another().post("/auth/refresh", {"refresh_token": third}).status_code == 401

    def test_closing_one_session_leaves_the_others(self, world: World) -> None:
        world.register(ADA)
        phone = world.api.post("/auth/login", login_of(ADA, client="native")).json()["refresh_token"]
        desk = world.api.post("/auth/login", login_of(ADA, client="native")).json()["refresh_token"]

        world.api.another().post("/auth/logout", {"refresh_token": phone})

        assert world.api.another().post("/auth/refresh", {"refresh_token": desk}).status_code == 200

    def test_ends_when_the_session_expires(self, world: World) -> None:
        world.sign_in(ADA)
        world.clock.advance(REFRESH_TOKEN_S)

        assert world.api.post("/auth/refresh", {"refresh_token": world.api.cookies["veza_refresh"]}).status_code == 401

    def test_a_remembered_session_lasts_longer(self, world: World) -> None:
        world.register(ADA)
        token = world.api.post("/auth/login", login_of(ADA, client="native", remember=True)).json()["refresh_token"]
        world.clock.advance(REMEMBERED_S - 1)

        assert world.api.another().post("/auth/refresh", {"refresh_token": token}).status_code == 200

    def test_no_session_lasts_for_ever(self, world: World) -> None:
        world.sign_in(ADA)
        month, ends = 29 * 24 * 3600, world.clock.now() + SESSION_MAX_S
        while world.clock.now() + month < ends:
            world.clock.advance(month)
            assert world.api.post("/auth/refresh").status_code == 200
        world.clock.advance(month)

        assert world.api.post("/auth/refresh").json()["code"] in {"refresh_invalid", "refresh_missing"}

    def test_a_reuse_is_told_to_the_owner(self, world: World) -> None:
        world.register(ADA)
        stolen = world.api.post("/auth/login", login_of(ADA, client="native")).json()["refresh_token"]
        world.api.another().post("/auth/refresh", {"refresh_token": stolen})
        world.clock.advance(REFRESH_GRACE_S + 1)

        world.api.another().post("/auth/refresh", {"refresh_token": stolen})

        assert [event.type for event in world.events()] == ["session.reused"]

    def test_a_reuse_ends_the_access_tokens_too(self, world: World) -> None:
        world.register(ADA)
        stolen = world.api.post("/auth/login", login_of(ADA, client="native")).json()
        owner = world.api.another()
        owner.token = stolen["access_token"]
        world.api.another().post("/auth/refresh", {"refresh_token": stolen["refresh_token"]})
        world.clock.advance(REFRESH_GRACE_S + 1)

        world.api.another().post("/auth/refresh", {"refresh_token": stolen["refresh_token"]})

        assert owner.get("/auth/me").json()["code"] == "token_revoked"

    def test_a_changed_key_refuses_the_retry_but_not_the_session(self, world: World) -> None:
        world.register(ADA)
        token = world.api.post("/auth/login", login_of(ADA, client="native")).json()["refresh_token"]
        phone = world.api.another()
        current = phone.post("/auth/refresh", {"refresh_token": token}).json()["refresh_token"]

        world.change_refresh_key()

        assert phone.post("/auth/refresh", {"refresh_token": token}).json()["code"] == "refresh_invalid"
        assert phone.post("/auth/refresh", {"refresh_token": current}).status_code == 200

    @pytest.mark.parametrize("token", ["x", "a.b", f"{new_id()}.guess", f"{new_id()}.{new_id()}.guess"])
    def test_refuses_what_is_no_token(self, world: World, token: str) -> None:
        answer = world.api.post("/auth/refresh", {"refresh_token": token})

        assert (answer.status_code, answer.json()["code"]) == (401, "refresh_invalid")

    def test_without_any_token_asks_to_sign_in(self, world: World) -> None:
        assert world.api.post("/auth/refresh").json()["code"] == "refresh_missing"


class TestLogout:
    def test_closes_the_session_and_takes_the_cookie_back(self, world: World) -> None:
        world.sign_in(ADA)
        token = world.api.cookies["veza_refresh"]

        answer = world.api.post("/auth/logout")

        assert answer.status_code == 204
        assert "veza_refresh" not in world.api.cookies
        assert world.api.post("/auth/refresh", {"refresh_token": token}).status_code == 401

    def test_closes_the_session_of_the_access_token(self, world: World) -> None:
        world.register(ADA)
        signed_in = world.api.post("/auth/login", login_of(ADA, client="native")).json()
        phone = world.api.another()
        phone.token = signed_in["access_token"]

        assert phone.post("/auth/logout").status_code == 204
        assert phone.post("/auth/refresh", {"refresh_token": signed_in["refresh_token"]}).status_code == 401

    def test_the_access_token_ends_with_it(self, world: World) -> None:
        world.sign_in(ADA)
        thief = world.api.another()
        thief.token = world.api.cookies["veza_access"]
        assert thief.get("/auth/me").status_code == 200

        world.api.post("/auth/logout")

        assert thief.get("/auth/me").json()["code"] == "token_revoked"

    def test_never_refuses(self, world: World) -> None:
        world.api.token = "no token"

        assert world.api.post("/auth/logout").status_code == 204
        assert world.api.post("/auth/logout", {"refresh_token": "nonsense"}).status_code == 204


class TestRevoke:
    """RFC 7009: whoever holds a token can make it worthless."""

    def test_ends_one_access_token_and_not_its_session(self, world: World) -> None:
        world.sign_in(ADA)

        answer = world.api.another().post("/auth/revoke", {"token": world.api.cookies["veza_access"]})

        assert answer.status_code == 204
        assert world.api.get("/auth/me").json()["code"] == "token_revoked"
        world.api.post("/auth/refresh")
        assert world.api.get("/auth/me").status_code == 200

    def test_ends_a_refresh_token_with_its_session(self, world: World) -> None:
        world.sign_in(ADA)

        world.api.another().post("/auth/revoke", {"token": world.api.cookies["veza_refresh"]})

        assert world.api.post("/auth/refresh").status_code == 401
        assert world.api.get("/auth/me").json()["code"] == "token_revoked"

    @pytest.mark.parametrize("token", ["nonsense", f"{new_id()}.{new_id()}.x", "a.b.c"])
    def test_never_refuses(self, world: World, token: str) -> None:
        assert world.api.post("/auth/revoke", {"token": token}).status_code == 204


@pytest.mark.parametrize("path", ["//.well-known/jwks.json", "/.well-known/jwks.json"])
def test_the_public_keys_are_published_and_may_be_cached(world: World, path: str) -> None:
    answer = world.api.get(path)

    assert answer.status_code == 200
    assert set(answer.json()) == {"keys"}
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert not any("d" in key for key in answer.json()["keys"])
