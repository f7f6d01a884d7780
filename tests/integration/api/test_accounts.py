"""Sign-up, the proof of an address, and what the owner sees."""

import json

import pytest

from core.domain.limits import ACCESS_TOKEN_S
from tests.integration.api.world import PASSWORD, World

ADA = {"email": "Ada@Example.com", "username": "Ada", "password": PASSWORD}


class TestRegister:
    def test_opens_an_unverified_account_and_sends_for_the_mail(self, world: World) -> None:
        answer = world.api.post("/auth/register", ADA)

        assert answer.status_code == 201
        assert answer.json() == {
            "id": answer.json()["id"],
            "email": "ada@example.com",
            "username": "ada",
            "email_verified": False,
            "roles": ["user"],
            "second_factor": False,
            "created_at": "2027-01-15T08:00:00Z",
            "closing_at": None,
        }
        assert [(e.type, e.data) for e in world.events()] == [
            ("account.registered", {"account_id": answer.json()["id"]})
        ]

    @pytest.mark.parametrize(
        ("change", "code"),
        [({"username": "other"}, "email_taken"), ({"email": "other@example.com"}, "username_taken")],
    )
    def test_names_are_unique_in_whatever_case(self, world: World, change: dict[str, str], code: str) -> None:
        world.api.post("/auth/register", ADA)

        answer = world.api.post("/auth/register", {**ADA, "email": "ADA@example.COM", "username": "ADA", **change})

        assert (answer.status_code, answer.json()["code"]) == (409, code)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"password": "short"}, "password"),
            ({"password": "x" * 129}, "password"),
            ({"password": "aaaaaaaaaaaaaaaa"}, "password"),
            ({"password": "i am ada@example.com"}, "password"),
            ({"username": "a"}, "username"),
            ({"username": "ada lovelace"}, "username"),
            ({"username": "аdа"}, "username"),
            ({"username": "ａｄａ"}, "username"),
            ({"username": "ada\u200b"}, "username"),
            ({"username": "support"}, "username"),
            ({"email": "ada"}, "email"),
            ({"email": "ada@nowhere@else"}, "email"),
            ({"is_admin": "yes"}, "is_admin"),
            ({"email": None}, "email"),
            ({"username": "\ud800"}, "username"),
        ],
    )
    def test_says_which_field_is_wrong(self, world: World, change: dict[str, str], field: str) -> None:
        answer = world.api.call(
            "POST",
            "/auth/register",
            content=json.dumps({**ADA, **change}),
            headers={"content-type": "application/json"},
        )

        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == [field]
        assert world.events() == []

    def test_never_echoes_what_was_sent(self, world: World) -> None:
        answer = world.api.post("/auth/register", {**ADA, "password": ["my secret phrase"]})

        assert answer.status_code == 422
        assert "secret" not in answer.text


class TestVerifyEmail:
    def test_confirms_the_address_and_may_be_repeated(self, world: World) -> None:
        world.api.post("/auth/register", ADA)
        token = world.mailed_token("ada@example.com")

        first = world.api.post("/auth/verify-email", {"token": token})
        second = world.api.post("/auth/verify-email", {"token": token})

        assert first.status_code == second.status_code == 200
        assert first.json()["email_verified"] is True

    def test_refuses_an_expired_token(self, world: World) -> None:
        world.api.post("/auth/register", ADA)
        token = world.mailed_token("ada@example.com")
        world.clock.advance(24 * 3600 + 1)

        answer = world.api.post("/auth/verify-email", {"token": token})

        assert (answer.status_code, answer.json()["code"]) == (422, "verification_token_invalid")

    def test_refuses_a_made_up_token(self, world: World) -> None:
        assert world.api.post("/auth/verify-email", {"token": "made up"}).status_code == 422

    def test_a_ticket_for_something_else_does_not_verify(self, world: World) -> None:
        world.register(ADA)
        world.api.post("/auth/password/forgot", {"email": ADA["email"]})

        answer = world.api.post("/auth/verify-email", {"token": world.mailed_token("ada@example.com")})

        assert answer.json()["code"] == "verification_token_invalid"

    def test_can_be_mailed_again_three_times_an_hour(self, world: World) -> None:
        world.limits_hold()
        world.be("ada", verified=False)

        found = [world.api.post("/auth/verify-email/resend").status_code for _ in range(4)]

        assert found == [202, 202, 202, 429]
        token = world.mailed_token("ada@example.com")
        assert world.api.post("/auth/verify-email", {"token": token}).json()["email_verified"] is True
        assert world.api.post("/auth/verify-email/resend").json()["code"] == "email_verified"


class TestCheckUsername:
    def test_tells_whether_it_is_free(self, world: World) -> None:
        world.register(ADA)

        assert world.api.get("/auth/check-username?username=ADA").json() == {"available": False}
        assert world.api.get("/auth/check-username?username=grace").json() == {"available": True}

    @pytest.mark.parametrize(
        ("username", "code"), [("a", "username_invalid"), ("аdа", "username_invalid"), ("admin", "username_reserved")]
    )
    def test_says_what_is_wrong_with_it(self, world: World, username: str, code: str) -> None:
        answer = world.api.get("/auth/check-username", params={"username": username})

        assert (answer.status_code, answer.json()["code"]) == (422, code)


class TestMe:
    def test_shows_the_signed_in_account(self, world: World) -> None:
        world.sign_in(ADA)

        assert world.api.get("/auth/me").json()["email"] == "ada@example.com"

    def test_asks_strangers_to_sign_in(self, world: World) -> None:
        answer = world.api.get("/auth/me")

        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer.headers["www-authenticate"] == "Bearer"

    def test_refuses_an_expired_access_token(self, world: World) -> None:
        world.sign_in(ADA)
        world.clock.advance(ACCESS_TOKEN_S + 120)

        assert world.api.get("/auth/me").json()["code"] == "token_expired"

    def test_refuses_a_token_that_was_tampered_with(self, world: World) -> None:
        world.be("ada")
        assert world.api.token is not None
        header, _, signature = world.api.token.split(".")
        world.api.token = f"{header}.e30.{signature}"

        assert world.api.get("/auth/me").json()["code"] == "token_invalid"
