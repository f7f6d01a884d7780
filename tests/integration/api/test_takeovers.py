"""Ways in which somebody could get into an account, or stay there, if two good rules did not meet. One test each."""

import json

import pyotp
import pytest

from api.ways_in import WaysIn
from core.domain.api_keys import ApiKey, Scope
from core.domain.errors import NotAuthenticated
from core.domain.ids import AccountId, EpochSeconds, new_id
from core.domain.limits import STEP_UP_S
from core.domain.permissions import Role
from core.domain.sessions import Origin
from core.store.api_keys import ApiKeyRepository
from core.store.connections import ConnectionRepository
from core.store.passkeys import PasskeyRepository
from tests.builders import NOW
from tests.fakes.authenticator import FakeAuthenticator
from tests.integration.api.client import ORIGIN, ApiClient
from tests.integration.api.parts import EDGE_SECRET
from tests.integration.api.test_connections import GRACE, come_back, visit
from tests.integration.api.world import PASSWORD, World

ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
RIGHT = {"email": ADA["email"], "password": PASSWORD}
NEW = "seven herons at the weir"
DAY_S = 24 * 3600


@pytest.fixture
def ada(world: World) -> World:
    world.sign_in(ADA)
    return world


@pytest.fixture
def app(ada: World) -> pyotp.TOTP:
    """Ada has a second factor; the code that confirmed it can't be used again."""
    app = pyotp.TOTP(ada.api.post("/auth/totp/set-up", {"password": PASSWORD}).json()["secret"])
    ada.api.post("/auth/totp/confirm", {"code": app.at(ada.clock.now())})
    ada.clock.advance(60)
    return app


def code_of(answer: object) -> str:
    return str(answer.json().get("code"))  # type: ignore[attr-defined]


def an_api_key(api: ApiClient) -> str:
    made = api.post("/auth/api-keys", {"name": "x", "scopes": ["read"], "expires_in": DAY_S})
    assert made.status_code == 201, made.text
    return str(made.json()["key"])


def a_passkey(api: ApiClient, device: FakeAuthenticator) -> None:
    options = api.post("/auth/passkey-options").json()["options"]
    assert api.post("/auth/passkeys", {"name": "x", "credential": device.create(options)}).status_code == 201


def opens(api: ApiClient, device: FakeAuthenticator) -> bool:
    browser = api.another()
    credential = device.get(browser.post("/auth/passkey-sign-in/options").json()["options"])
    return browser.post("/auth/passkey-sign-in", {"credential": credential}).status_code == 200


class TestAStolenSessionAndPassword:
    """Both, but not the app."""

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/auth/password/change", {"current_password": PASSWORD, "new_password": NEW}),
            ("/auth/email", {"password": PASSWORD, "new_email": "thief@example.com"}),
            ("/auth/step-up", {"password": PASSWORD}),
        ],
    )
    def test_do_not_do_what_takes_the_code_too(
        self, ada: World, app: pyotp.TOTP, path: str, body: dict[str, str]
    ) -> None:
        refused = ada.api.post(path, body)
        assert (refused.status_code, code_of(refused)) == (401, "second_factor_required")

        allowed = ada.api.post(path, {**body, "code": app.at(ada.clock.now())})
        assert allowed.status_code in {200, 202}, allowed.text

    @pytest.mark.parametrize("path", ["/auth/totp/disable", "/auth/step-up", "/auth/password/change"])
    def test_cannot_guess_codes_for_ever(self, ada: World, app: pyotp.TOTP, path: str) -> None:
        body = {"current_password": PASSWORD, "new_password": NEW} if "change" in path else {"password": PASSWORD}

        found = [code_of(ada.api.post(path, {**body, "code": "000000"})) for _ in range(7)]

        assert found[:5] == ["code_wrong"] * 5
        assert set(found[5:]) == {"account_locked"}


class TestAnAddressOfSomebodyElse:
    """Registered before its owner comes."""

    @pytest.fixture
    def squatter(self, world: World) -> ApiClient:
        world.register(ADA, verified=False)
        browser = world.api.another()
        browser.post("/auth/login", RIGHT)
        return browser

    def test_adds_no_way_in_of_its_own(self, squatter: ApiClient) -> None:
        key = {"name": "x", "scopes": ["read"], "expires_in": DAY_S}
        for answer in (
            squatter.post("/auth/api-keys", key),
            squatter.post("/auth/passkey-options"),
            squatter.post("/auth/totp/set-up", {"password": PASSWORD}),
        ):
            assert (answer.status_code, code_of(answer)) == (403, "email_unverified")

    def test_is_out_once_its_owner_follows_a_sign_in_link(self, world: World, squatter: ApiClient) -> None:
        owner = world.api.another()
        owner.post("/auth/magic-link", {"email": ADA["email"]})
        token = world.mailed_token(ADA["email"])
        assert owner.post("/auth/magic-link/sign-in", {"token": token}).status_code == 200

        assert squatter.get("/auth/me").status_code == 401
        assert squatter.post("/auth/refresh").status_code == 401
        assert world.api.another().post("/auth/login", RIGHT).status_code == 401
        assert owner.get("/auth/me").json()["email_verified"] is True


class TestAnAccountTakenBack:
    def reset(self, world: World, **more: bool) -> None:
        browser = world.api.another()
        browser.post("/auth/password/forgot", {"email": ADA["email"]})
        body = {"token": world.mailed_token(ADA["email"]), "new_password": NEW, **more}
        assert browser.post("/auth/password/reset", body).status_code == 204

    def test_ends_api_keys(self, ada: World) -> None:
        program = ada.api.another(an_api_key(ada.api))
        self.reset(ada)
        assert code_of(program.get("/tracks")) == "api_key_invalid"

    def test_ends_all_else_if_wanted(self, ada: World) -> None:
        phone = FakeAuthenticator(ORIGIN)
        a_passkey(ada.api, phone)
        self.reset(ada)
        assert opens(ada.api, phone)
        self.reset_again(ada)
        assert not opens(ada.api, phone)

    def reset_again(self, ada: World) -> None:
        browser = ada.api.another()
        browser.post("/auth/password/forgot", {"email": ADA["email"]})
        body = {"token": ada.mailed_token(ADA["email"]), "new_password": "an otter under the bridge", "evict": True}
        assert browser.post("/auth/password/reset", body).status_code == 204

    def test_a_link_of_before_is_worth_nothing(self, ada: World) -> None:
        ada.api.post("/auth/password/forgot", {"email": ADA["email"]})
        old = ada.mailed_token(ADA["email"])
        ada.api.post("/auth/password/change", {"current_password": PASSWORD, "new_password": NEW})

        answer = ada.api.another().post("/auth/password/reset", {"token": old, "new_password": "mine from now on, ha"})

        assert code_of(answer) == "reset_token_invalid"


class TestSomethingBegunBefore:
    """What somebody with the password began ends when its owner takes the account back."""

    @pytest.fixture
    def connecting(self, ada: World) -> str:
        """Where the provider sends the browser back to, which began at the account's page."""
        return visit(ada, ada.api, GRACE, purpose="connect")

    def take_back(self, ada: World) -> None:
        TestAnAccountTakenBack().reset(ada, evict=True)

    def test_a_connection_is_not_made(self, ada: World, connecting: str) -> None:
        self.take_back(ada)
        assert come_back(ada.api, connecting) == ("sign-in-failed", {"code": ["state_invalid"]})
        assert ConnectionRepository(ada.tables["accounts"]).list_of(AccountId(str(ada.account_id))) == []

    def test_a_connection_is_made_by_a_session_that_lives(self, ada: World, connecting: str) -> None:
        assert come_back(ada.api, connecting) == ("account", {})

    def test_a_connection_is_not_made_after_signing_out(self, ada: World, connecting: str) -> None:
        ada.api.post("/auth/logout")
        assert come_back(ada.api, connecting) == ("sign-in-failed", {"code": ["state_invalid"]})

    @pytest.mark.parametrize("end", ["part", "take back"])
    def test_a_ticket_of_a_provider_opens_nothing(self, ada: World, connecting: str, end: str) -> None:
        come_back(ada.api, connecting)
        browser = ada.api.another()
        _, told = come_back(browser, visit(ada, browser, GRACE))
        if end == "part":
            assert ada.api.delete("/auth/connections/google").status_code == 204
        else:
            self.take_back(ada)
        answer = browser.post("/auth/providers/sign-in", {"ticket": told["ticket"][0]})
        assert code_of(answer) == "state_invalid"

    def test_a_sign_in_link_opens_nothing(self, ada: World) -> None:
        browser = ada.api.another()
        browser.post("/auth/magic-link", {"email": ADA["email"]})
        token = ada.mailed_token(ADA["email"])
        self.take_back(ada)
        assert code_of(browser.post("/auth/magic-link/sign-in", {"token": token})) == "link_invalid"

    def test_a_way_in_is_not_added_by_a_request_that_was_let_in_a_moment_ago(self, ada: World) -> None:
        accounts, keys = ada.parts.accounts, ApiKeyRepository(ada.tables["accounts"])
        passkeys, connections = PasskeyRepository(ada.tables["accounts"]), ConnectionRepository(ada.tables["accounts"])
        account = accounts.get(AccountId(str(ada.account_id)))
        key = ApiKey(
            id=new_id(), account_id=account.id, name="x", scopes=frozenset(Scope), secret_hash="", created_at=NOW,
            expires_at=EpochSeconds(NOW + DAY_S),
        )  # fmt: skip
        ways_in = WaysIn(accounts=accounts, passkeys=passkeys, connections=connections, api_keys=keys, clock=ada.clock)
        self.take_back(ada)
        with pytest.raises(NotAuthenticated, match="sign in again"):
            ways_in.add(account.id, [keys.addition(key)], [], token_version=account.token_version)
        assert keys.list_of(account.id, ada.clock.now()) == []


def test_without_a_second_factor_no_key_has_power_over_others(world: World) -> None:
    world.be("root", roles=frozenset({Role.USER, Role.SUPERADMIN}))
    app = pyotp.TOTP(world.api.post("/auth/totp/set-up", {"password": PASSWORD}).json()["secret"])
    world.api.post("/auth/totp/confirm", {"code": app.at(world.clock.now())})
    keys = {
        scope: world.api.post("/auth/api-keys", {"name": scope, "scopes": [scope], "expires_in": DAY_S}).json()["key"]
        for scope in ("read", "admin")
    }
    world.clock.advance(60)

    disabled = world.api.post("/auth/totp/disable", {"password": PASSWORD, "code": app.at(world.clock.now())})

    assert disabled.status_code == 204, disabled.text
    assert code_of(world.api.another(keys["admin"]).get("/admin/audit?day=2026-11-23")) == "api_key_invalid"
    assert world.api.another(keys["read"]).get("/tracks").status_code == 200


class TestNamesOfSessions:
    """They are shown, so they must open and end nothing."""

    def guess(self, ada: World) -> str:
        session_id = ada.api.get("/auth/sessions").json()["items"][0]["id"]
        return f"{ada.account_id}.{session_id}.{'x' * 64}"

    @pytest.mark.parametrize("path", ["/auth/logout", "/auth/refresh"])
    def test_end_no_session(self, ada: World, path: str) -> None:
        ada.api.another().post(path, {"refresh_token": self.guess(ada)})
        assert ada.api.post("/auth/refresh").status_code == 200

    def test_are_not_revoked_by_a_guess(self, ada: World) -> None:
        ada.api.another().post("/auth/revoke", {"token": self.guess(ada)})
        assert ada.api.post("/auth/refresh").status_code == 200


class TestABrowser:
    def test_never_shows_its_tokens_to_a_script(self, ada: World) -> None:
        for path, body in (
            ("/auth/refresh", {}),
            ("/auth/step-up", {"password": PASSWORD, "client": "native"}),
            ("/auth/password/change", {"current_password": PASSWORD, "new_password": NEW, "client": "native"}),
        ):
            answer = ada.api.post(path, body)
            assert answer.status_code == 200, answer.text
            assert "access_token" not in answer.json()

    def test_is_not_signed_out_by_another_page(self, ada: World) -> None:
        """A form of another site is sent without the cookies, which are Strict; its answer must not take them back."""
        answer = ada.api.another().post("/auth/logout")
        assert (answer.status_code, "set-cookie" in answer.headers) == (204, False)


class TestWhoLeaves:
    def test_can_show_once_more_that_it_is_them(self, ada: World) -> None:
        ada.api.post("/privacy/closing")
        ada.api.post("/auth/login", RIGHT)
        ada.clock.advance(STEP_UP_S + 1)
        ada.api.post("/auth/refresh")
        assert code_of(ada.api.post("/privacy/exports")) == "step_up_needed"

        assert ada.api.post("/auth/step-up", {"password": PASSWORD}).status_code == 200

        assert ada.api.post("/privacy/exports").status_code == 202


def test_a_household_s_addresses_are_counted_as_one(world: World) -> None:
    """Each has 2^64 of them."""
    world.limits_hold()
    world.register(ADA)
    found = [
        world.api.post(
            "/auth/login",
            {"email": f"nobody{n}@example.com", "password": "a guess"},
            headers={"x-veza-edge": EDGE_SECRET, "cloudfront-viewer-address": f"[2001:db8::{n}]:443"},
        ).status_code
        for n in range(6)
    ]
    assert found == [401] * 5 + [429]


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.7", "203.0.113.7"), ("2001:db8:1:2:3::9", "2001:db8:1:2::/64"), ("::1", "::/64"), ("", "")],
)
def test_networks(address: str, network: str) -> None:
    assert Origin(address=address, device="", place="").network == network


def test_the_last_two_ways_in_are_not_taken_away_at_once(ada: World) -> None:
    """Each of two requests sees two ways; only one of them may go."""
    phone, desk = FakeAuthenticator(ORIGIN), FakeAuthenticator(ORIGIN)
    a_passkey(ada.api, phone)
    a_passkey(ada.api, desk)
    assert ada.account_id is not None
    ada.has_password_hash(ada.account_id, "")
    ids = [item["id"] for item in ada.api.get("/auth/passkeys").json()["items"]]

    found = sorted(ada.api.delete(f"/auth/passkeys/{each}").status_code for each in ids)

    assert found == [204, 409]
    assert len(ada.api.get("/auth/passkeys").json()["items"]) == 1


def test_tokens_in_bodies_are_secrets_to_the_audit(world: World) -> None:
    world.register(ADA, verified=False)
    signed_in = world.api.post("/auth/login", {**RIGHT, "client": "native"}).json()
    rotated = world.api.another().post("/auth/refresh", {"refresh_token": signed_in["refresh_token"]}).json()
    world.api.another().post("/auth/logout", {"refresh_token": rotated["refresh_token"]})
    world.api.another().post("/auth/verify-email", {"token": "v" * 43})

    everything = json.dumps(world.dynamodb.scan(TableName=world.tables["audit"])["Items"])

    for secret in (signed_in["refresh_token"], rotated["refresh_token"], "v" * 43):
        assert secret not in everything
