"""Whose a change was: by their token or key even if they are refused, else by the link or password that was good."""

import pytest

from core.domain.permissions import Role
from tests.fakes.authenticator import FakeAuthenticator
from tests.integration.api import test_api_keys, test_passkeys
from tests.integration.api.client import ORIGIN, ApiClient
from tests.integration.api.test_audit import ADA, entries, last
from tests.integration.api.world import PASSWORD, World


@pytest.fixture
def admin(world: World) -> ApiClient:
    return world.another_person("root", roles=frozenset({Role.USER, Role.ADMIN}))


def test_who_signs_in_refreshes_and_leaves(world: World, admin: ApiClient) -> None:
    world.sign_in(ADA)
    world.api.post("/auth/refresh")
    world.api.post("/auth/logout")

    found = entries(admin, account_id=str(world.account_id))

    assert [entry["action"].rpartition("/")[2] for entry in found] == ["logout", "refresh", "login"]
    assert {(entry["actor"], entry["subject"]) for entry in found} == {("anonymous", str(world.account_id))}


def test_who_registers(world: World, admin: ApiClient) -> None:
    account_id = world.api.post("/auth/register", ADA).json()["id"]

    assert last(admin, account_id)["subject"] == account_id


def test_who_gives_a_token_up(world: World, admin: ApiClient) -> None:
    world.be("ada")
    world.api.another().post("/auth/revoke", {"token": world.api.token})

    assert last(admin, world.account_id)["action"].endswith("/revoke")


def test_who_follows_a_link_to_another_password(world: World, admin: ApiClient) -> None:
    account_id = world.register(ADA)
    world.api.post("/auth/password/forgot", {"email": ADA["email"]})
    token = world.mailed_token(ADA["email"])
    world.api.post("/auth/password/reset", {"token": token, "new_password": "seven herons at the weir"})

    assert last(admin, account_id)["action"].endswith("/password/reset")


def test_who_follows_a_link_that_signs_in(world: World, admin: ApiClient) -> None:
    account_id = world.register(ADA)
    world.api.post("/auth/magic-link", {"email": ADA["email"]})
    world.api.post("/auth/magic-link/sign-in", {"token": world.mailed_token(ADA["email"])})

    assert last(admin, account_id)["action"].endswith("/magic-link/sign-in")


def test_who_confirms_an_address(world: World, admin: ApiClient) -> None:
    account_id = world.api.post("/auth/register", ADA).json()["id"]
    world.api.post("/auth/verify-email", {"token": world.mailed_token(ADA["email"])})

    assert last(admin, account_id)["action"].endswith("/verify-email")


def test_who_agrees_to_another_address(world: World, admin: ApiClient) -> None:
    world.sign_in(ADA)
    world.api.post("/auth/email", {"password": PASSWORD, "new_email": "ada@elsewhere.example"})
    world.api.another().post("/auth/email/confirm", {"token": world.mailed_token(ADA["email"])})

    entry = last(admin, world.account_id)
    assert (entry["action"], entry["actor"]) == ("POST /api/v1/auth/email/confirm", "anonymous")


def test_who_signs_in_by_passkey(world: World, admin: ApiClient) -> None:
    world.sign_in(ADA)
    phone, browser = FakeAuthenticator(ORIGIN), world.api.another()
    test_passkeys.add(world.api, phone)
    test_passkeys.sign_in(browser, test_passkeys.answer_of(browser, phone))

    assert last(admin, world.account_id)["action"].endswith("/passkey-sign-in")


def test_who_is_nobody_while_nothing_was_proved(world: World, admin: ApiClient) -> None:
    world.register(ADA)
    world.api.post("/auth/login", {"email": ADA["email"], "password": "a guess"})

    assert last(admin)["subject"] == ""


def test_who_was_refused_after_they_were_known(world: World, admin: ApiClient) -> None:
    world.sign_in(ADA)
    world.api.without_proof().post("/auth/logout-others")

    entry = last(admin, world.account_id)
    assert (entry["code"], entry["actor"]) == ("csrf_invalid", str(world.account_id))
    assert entry["by"]


def test_who_was_suspended(world: World, admin: ApiClient) -> None:
    world.be("ada")
    world.suspend("ada@example.com")
    world.api.post("/auth/verify-email/resend")

    assert last(admin, world.account_id)["code"] == "account_suspended"


def test_who_has_a_key_that_may_not(world: World, admin: ApiClient) -> None:
    world.be("ada")
    made = test_api_keys.make(world.api, "read")
    world.api.another(made["key"]).post("/uploads", {"filename": "song.wav", "size_bytes": 1000})

    entry = last(admin, world.account_id)
    assert (entry["code"], entry["by"]) == ("scope_missing", made["id"])


def test_who_is_nobody_with_a_token_that_is_none(world: World, admin: ApiClient) -> None:
    world.api.another("nonsense").post("/auth/verify-email/resend")

    assert last(admin)["code"] == "token_invalid"
