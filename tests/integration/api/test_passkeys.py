"""Passkeys: a device signs in, twice over; a copy, a stranger and an old answer do not."""

from typing import Any

import pytest

from core.domain.limits import STEP_UP_S
from core.domain.tickets import LIFE_S, Purpose
from tests.fakes.authenticator import FakeAuthenticator, b64, unb64
from tests.integration.api.client import ORIGIN, ApiClient
from tests.integration.api.world import PASSWORD, World

ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}


@pytest.fixture
def phone() -> FakeAuthenticator:
    return FakeAuthenticator(ORIGIN)


@pytest.fixture
def ada(world: World) -> World:
    world.sign_in(ADA)
    return world


def add(api: ApiClient, device: FakeAuthenticator, name: str = "My phone") -> dict[str, Any]:
    options = api.post("/auth/passkey-options").json()["options"]
    answer = api.post("/auth/passkeys", {"name": name, "credential": device.create(options)})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def answer_of(api: ApiClient, device: FakeAuthenticator) -> dict[str, Any]:
    return device.get(api.post("/auth/passkey-sign-in/options").json()["options"])


def sign_in(api: ApiClient, credential: dict[str, Any]) -> tuple[int, str | None]:
    answer = api.post("/auth/passkey-sign-in", {"credential": credential})
    return answer.status_code, answer.json().get("code")


class TestSignIn:
    def test_needs_no_name_and_no_password(self, ada: World, phone: FakeAuthenticator) -> None:
        add(ada.api, phone)
        browser = ada.api.another()

        answer = browser.post("/auth/passkey-sign-in", {"credential": answer_of(browser, phone)})

        assert answer.json()["user"]["username"] == "ada"
        assert browser.post("/auth/refresh").status_code == 200
        assert browser.get("/auth/login-history").json()["items"][0]["way"] == "passkey"

    def test_counts_as_two_factors(self, ada: World, phone: FakeAuthenticator) -> None:
        add(ada.api, phone)
        assert ada.account_id is not None
        ada.needs_a_code(ada.account_id)
        browser = ada.api.another()

        assert sign_in(browser, answer_of(browser, phone)) == (200, None)

    def test_takes_each_answer_once(self, ada: World, phone: FakeAuthenticator) -> None:
        add(ada.api, phone)
        credential = answer_of(ada.api, phone)

        assert sign_in(ada.api, credential) == (200, None)
        assert sign_in(ada.api, credential)[0] in {401, 422}

    def test_takes_no_answer_to_another_question(self, ada: World, phone: FakeAuthenticator) -> None:
        add(ada.api, phone)
        made_up = {"rpId": "veza.example", "challenge": b64(bytes(64))}

        assert sign_in(ada.api, phone.get(made_up)) == (401, "challenge_invalid")

    def test_takes_no_late_answer(self, ada: World, phone: FakeAuthenticator) -> None:
        add(ada.api, phone)
        credential = answer_of(ada.api, phone)
        ada.clock.advance(LIFE_S[Purpose.PASSKEY_SIGN_IN])

        assert sign_in(ada.api, credential) == (401, "challenge_invalid")

    def test_takes_no_copy_of_the_device(self, ada: World, phone: FakeAuthenticator) -> None:
        add(ada.api, phone)
        for _ in range(3):
            sign_in(ada.api, answer_of(ada.api, phone))
        phone.kept[0].count = 0

        assert sign_in(ada.api, answer_of(ada.api, phone)) == (422, "passkey_invalid")

    def test_devices_that_do_not_count_are_fine(self, ada: World) -> None:
        tablet = FakeAuthenticator(ORIGIN, counts=False)
        add(ada.api, tablet)

        assert [sign_in(ada.api, answer_of(ada.api, tablet)) for _ in range(2)] == [(200, None)] * 2

    def test_needs_the_finger(self, ada: World, phone: FakeAuthenticator) -> None:
        add(ada.api, phone)
        phone.verifies = False

        assert sign_in(ada.api, answer_of(ada.api, phone)) == (422, "passkey_invalid")

    @pytest.mark.parametrize(
        "origin", ["https://veza.example.evil.example", "http://veza.example", "https://evil.example"]
    )
    def test_happens_on_our_page(self, ada: World, phone: FakeAuthenticator, origin: str) -> None:
        add(ada.api, phone)
        phone.origin = origin

        assert sign_in(ada.api, answer_of(ada.api, phone)) == (422, "passkey_invalid")

    @pytest.mark.parametrize("part", ["signature", "authenticatorData", "clientDataJSON", "userHandle"])
    def test_takes_nothing_that_was_tampered_with(self, ada: World, phone: FakeAuthenticator, part: str) -> None:
        add(ada.api, phone)
        credential = answer_of(ada.api, phone)
        spoiled = bytearray(unb64(credential["response"][part]))
        spoiled[len(spoiled) // 2] ^= 1
        credential["response"][part] = b64(bytes(spoiled))

        assert sign_in(ada.api, credential)[0] in {401, 422}

    @pytest.mark.parametrize("garbage", [{}, {"id": 1}, {"response": {}}, {"response": {"userHandle": "!"}}])
    def test_garbage_is_refused(self, world: World, garbage: dict[str, Any]) -> None:
        assert sign_in(world.api, garbage) == (422, "passkey_invalid")


class TestManage:
    def test_are_listed_renamed_and_deleted(self, ada: World, phone: FakeAuthenticator) -> None:
        made = add(ada.api, phone)
        ada.clock.advance(1)
        add(ada.api, FakeAuthenticator(ORIGIN), "My key ring")

        assert [one["name"] for one in ada.api.get("/auth/passkeys").json()["items"]] == ["My phone", "My key ring"]
        assert ada.api.patch(f"/auth/passkeys/{made['id']}", {"name": "Old phone"}).json()["name"] == "Old phone"
        assert ada.api.delete(f"/auth/passkeys/{made['id']}").status_code == 204
        assert sign_in(ada.api, answer_of(ada.api, phone)) == (401, "passkey_unknown")

    def test_a_device_is_asked_not_to_make_a_second_one(self, ada: World, phone: FakeAuthenticator) -> None:
        made = add(ada.api, phone)

        options = ada.api.post("/auth/passkey-options").json()["options"]

        assert [one["id"] for one in options["excludeCredentials"]] == [made["id"]]

    def test_other_people_s_are_not_there(self, ada: World, phone: FakeAuthenticator) -> None:
        made = add(ada.api, phone)
        stranger = ada.somebody_else()

        assert stranger.get("/auth/passkeys").json()["items"] == []
        assert stranger.patch(f"/auth/passkeys/{made['id']}", {"name": "Mine"}).status_code == 404
        assert stranger.delete(f"/auth/passkeys/{made['id']}").status_code == 404

    def test_adding_one_takes_a_fresh_proof(self, ada: World) -> None:
        ada.clock.advance(STEP_UP_S + 1)

        assert ada.api.post("/auth/passkey-options").json()["code"] == "step_up_needed"

    def test_the_answer_to_somebody_else_s_question_adds_nothing(self, ada: World, phone: FakeAuthenticator) -> None:
        stranger = ada.somebody_else()
        options = stranger.post("/auth/passkey-options").json()["options"]

        answer = ada.api.post("/auth/passkeys", {"name": "Mine", "credential": phone.create(options)})

        assert (answer.status_code, answer.json()["code"]) == (401, "challenge_invalid")

    def test_is_told_by_mail(self, ada: World, phone: FakeAuthenticator) -> None:
        made = add(ada.api, phone)
        ada.api.delete(f"/auth/passkeys/{made['id']}")

        assert [letter.subject for letter in ada.mail().sent] == ["A passkey was added", "A passkey was taken away"]

    def test_the_last_way_in_stays(self, ada: World, phone: FakeAuthenticator) -> None:
        made = add(ada.api, phone)
        assert ada.account_id is not None
        ada.has_password_hash(ada.account_id, "")

        assert ada.api.delete(f"/auth/passkeys/{made['id']}").json()["code"] == "last_way_in"


def test_a_passkey_renews_the_proof(ada: World, phone: FakeAuthenticator) -> None:
    add(ada.api, phone)
    ada.clock.advance(STEP_UP_S + 1)

    ada.api.post("/auth/passkey-step-up", {"credential": answer_of(ada.api, phone)})

    assert ada.api.post("/auth/passkey-options").status_code == 200


def test_somebody_else_s_passkey_renews_nothing(ada: World, phone: FakeAuthenticator) -> None:
    add(ada.api, phone)
    stranger = ada.somebody_else()

    answer = stranger.post("/auth/passkey-step-up", {"credential": answer_of(stranger, phone)})

    assert answer.json()["code"] == "passkey_unknown"
