"""Change a password, forget it, choose another one."""

import itertools

import pytest

from core.domain.passwords import REMEMBERED
from core.domain.tickets import LIFE_S, Purpose
from tests.integration.api.world import PASSWORD, World

ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
NEW = "seven herons at the weir"


def login(world: World, password: str) -> int:
    return world.api.another().post("/auth/login", {"email": ADA["email"], "password": password}).status_code


@pytest.fixture
def ada(world: World) -> World:
    world.sign_in(ADA)
    return world


class TestChange:
    def test_takes_the_new_one_and_no_longer_the_old(self, ada: World) -> None:
        answer = ada.api.post("/auth/password/change", {"current_password": PASSWORD, "new_password": NEW})

        assert answer.status_code == 200
        assert (login(ada, NEW), login(ada, PASSWORD)) == (200, 401)

    def test_keeps_this_device_and_signs_all_others_out(self, ada: World) -> None:
        phone = ada.api.another()
        phone.post("/auth/login", {"email": ADA["email"], "password": PASSWORD})

        before = ada.api.cookies["veza_access"]
        ada.api.post("/auth/password/change", {"current_password": PASSWORD, "new_password": NEW})

        assert ada.api.another(before).get("/auth/me").json()["code"] == "token_revoked"
        assert ada.api.get("/auth/me").status_code == 200
        assert ada.api.post("/auth/refresh").status_code == 200
        assert phone.get("/auth/me").status_code == 401
        assert phone.post("/auth/refresh").status_code == 401

    def test_is_told_by_mail(self, ada: World) -> None:
        ada.api.post("/auth/password/change", {"current_password": PASSWORD, "new_password": NEW})

        assert [letter.subject for letter in ada.mail().sent] == ["Your password was changed"]

    def test_asks_for_the_old_one(self, ada: World) -> None:
        answer = ada.api.post("/auth/password/change", {"current_password": "a guess", "new_password": NEW})

        assert (answer.status_code, answer.json()["code"]) == (422, "password_wrong")
        assert login(ada, PASSWORD) == 200

    def test_guesses_at_the_old_one_lock_the_account_like_any_others(self, ada: World) -> None:
        for _ in range(5):
            ada.api.post("/auth/password/change", {"current_password": "a guess", "new_password": NEW})

        answer = ada.api.post("/auth/password/change", {"current_password": PASSWORD, "new_password": NEW})

        assert (answer.status_code, answer.json()["code"]) == (429, "account_locked")

    @pytest.mark.parametrize(
        ("new", "code"),
        [
            (PASSWORD, "password_reused"),
            ("short", "password_weak"),
            ("aaaaaaaaaaaaaaaa", "password_weak"),
            ("ada@example.com!", "password_weak"),
        ],
    )
    def test_refuses_what_is_not_good_enough(self, ada: World, new: str, code: str) -> None:
        answer = ada.api.post("/auth/password/change", {"current_password": PASSWORD, "new_password": new})

        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert login(ada, PASSWORD) == 200

    def test_remembers_the_last_five(self, ada: World) -> None:
        chosen = [PASSWORD, *(f"{NEW} number {n}" for n in range(REMEMBERED))]
        for current, new in itertools.pairwise(chosen):
            answer = ada.api.post("/auth/password/change", {"current_password": current, "new_password": new})
            assert answer.status_code == 200

        def again(new: str) -> str | None:
            body = {"current_password": chosen[-1], "new_password": new}
            code: str | None = ada.api.post("/auth/password/change", body).json().get("code")
            return code

        assert [again(old) for old in chosen[-REMEMBERED:]] == ["password_reused"] * REMEMBERED
        assert again(chosen[0]) is None


class TestForgot:
    def test_lets_choose_another_by_a_mailed_link(self, ada: World) -> None:
        stranger = ada.api.another()
        assert stranger.post("/auth/password/forgot", {"email": "Ada@example.com"}).status_code == 202
        token = ada.mailed_token(ADA["email"])

        answer = stranger.post("/auth/password/reset", {"token": token, "new_password": NEW})

        assert answer.status_code == 204
        assert (login(ada, NEW), login(ada, PASSWORD)) == (200, 401)

    def test_signs_every_device_out(self, ada: World) -> None:
        ada.api.another().post("/auth/password/forgot", {"email": ADA["email"]})
        ada.api.another().post("/auth/password/reset", {"token": ada.mailed_token(ADA["email"]), "new_password": NEW})

        assert ada.api.get("/auth/me").status_code == 401
        assert ada.api.post("/auth/refresh").status_code == 401

    def test_opens_a_locked_account(self, ada: World) -> None:
        for _ in range(5):
            login(ada, "a guess")
        ada.api.another().post("/auth/password/forgot", {"email": ADA["email"]})

        ada.api.another().post("/auth/password/reset", {"token": ada.mailed_token(ADA["email"]), "new_password": NEW})

        assert login(ada, NEW) == 200

    def test_verifies_the_address(self, world: World) -> None:
        world.register(ADA, verified=False)
        world.api.post("/auth/password/forgot", {"email": ADA["email"]})
        world.api.post("/auth/password/reset", {"token": world.mailed_token(ADA["email"]), "new_password": NEW})

        user = world.api.post("/auth/login", {"email": ADA["email"], "password": NEW}).json()["user"]

        assert user["email_verified"] is True

    def test_the_link_works_once(self, ada: World) -> None:
        ada.api.another().post("/auth/password/forgot", {"email": ADA["email"]})
        token = ada.mailed_token(ADA["email"])
        ada.api.another().post("/auth/password/reset", {"token": token, "new_password": NEW})

        answer = ada.api.another().post("/auth/password/reset", {"token": token, "new_password": f"{NEW}, again"})

        assert (answer.status_code, answer.json()["code"]) == (422, "reset_token_invalid")

    def test_the_link_survives_a_password_that_is_not_good_enough(self, ada: World) -> None:
        ada.api.another().post("/auth/password/forgot", {"email": ADA["email"]})
        token = ada.mailed_token(ADA["email"])

        weak = ada.api.another().post("/auth/password/reset", {"token": token, "new_password": "short"})
        good = ada.api.another().post("/auth/password/reset", {"token": token, "new_password": NEW})

        assert (weak.json()["code"], good.status_code) == ("password_weak", 204)

    def test_the_link_expires(self, ada: World) -> None:
        ada.api.another().post("/auth/password/forgot", {"email": ADA["email"]})
        token = ada.mailed_token(ADA["email"])
        ada.clock.advance(LIFE_S[Purpose.RESET_PASSWORD])

        answer = ada.api.another().post("/auth/password/reset", {"token": token, "new_password": NEW})

        assert answer.json()["code"] == "reset_token_invalid"

    def test_does_not_tell_who_has_an_account(self, ada: World) -> None:
        def ask(email: str) -> tuple[int, bytes, list[str]]:
            answers = []
            api = ada.api.another()
            asked = ada.statements_of(lambda: answers.append(api.post("/auth/password/forgot", {"email": email})))
            return answers[0].status_code, answers[0].content, asked

        assert ask(ADA["email"]) == ask("who@example.com")

    def test_fills_nobodys_mailbox(self, ada: World) -> None:
        ada.limits_hold()

        found = [
            ada.api.another().post("/auth/password/forgot", {"email": email}).status_code
            for email in (ADA["email"], ADA["email"], "ADA@example.com", ADA["email"])
        ]

        assert found == [202, 202, 202, 429]


def test_an_outdated_hash_is_renewed_by_the_next_sign_in(world: World) -> None:
    account_id = world.register(ADA)
    world.has_password_hash(account_id, f"old${world.hasher.hash(PASSWORD)}")

    assert login(world, PASSWORD) == 200

    assert world.parts.accounts.get(account_id).password_hash == world.hasher.hash(PASSWORD)
    assert login(world, PASSWORD) == 200
