"""Sign in with an identity elsewhere, connect one, part from it; and nobody's account is taken over on the way."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from core.domain.errors import ProviderUnavailable
from core.domain.limits import AUTHORIZATION_S, STEP_UP_S
from core.domain.providers import Identity
from tests.integration.api.client import ORIGIN, ApiClient
from tests.integration.api.world import PASSWORD, World

ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
GRACE = Identity(subject="g-1", name="Grace Hopper", email="grace@example.com", email_verified=True, tokens="{}")


def visit(world: World, browser: ApiClient, who: Identity, provider: str = "google", purpose: str = "sign_in") -> str:
    """The browser goes there and signs in; the address it is sent back to."""
    answer = browser.post(f"/auth/providers/{provider}/visit", {"purpose": purpose})
    assert answer.status_code == 200, answer.text
    asked = parse_qs(urlsplit(answer.json()["authorize_url"]).query)
    code = world.parts.providers.sign_in(provider, who, asked["code_challenge"][0])
    return f"/auth/providers/{provider}/callback?code={code}&state={asked['state'][0]}"


def come_back(browser: ApiClient, address: str) -> tuple[str, dict[str, list[str]]]:
    """Where on the page the browser ends, and what it is told there."""
    answer = browser.get(address)
    assert answer.status_code == 303
    path, _, query = answer.headers["location"].removeprefix(f"{ORIGIN}/#/").partition("?")
    return path, parse_qs(query)


def sign_in(world: World, browser: ApiClient, who: Identity, provider: str = "google") -> dict[str, Any]:
    place, told = come_back(browser, visit(world, browser, who, provider))
    assert place == "welcome-back", told
    answer = browser.post("/auth/providers/sign-in", {"ticket": told["ticket"][0]})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_providers_are_listed(world: World) -> None:
    assert world.api.get("/auth/providers").json()["items"][0] == {"name": "google", "label": "Google"}


class TestSignIn:
    def test_makes_an_account_the_first_time_and_finds_it_again(self, world: World) -> None:
        first = sign_in(world, world.api, GRACE)["user"]
        again = sign_in(world, world.api.another(), GRACE)["user"]

        assert first == again
        assert first["username"] == "grace-hopper"
        assert first["email_verified"] is True

    def test_stays_signed_in(self, world: World) -> None:
        sign_in(world, world.api, GRACE)

        assert world.api.post("/auth/refresh").status_code == 200

    def test_needs_the_second_factor_too(self, world: World) -> None:
        user = sign_in(world, world.api, GRACE)["user"]
        world.needs_a_code(user["id"])
        browser = world.api.another()
        _, told = come_back(browser, visit(world, browser, GRACE))

        answer = browser.post("/auth/providers/sign-in", {"ticket": told["ticket"][0]})

        assert answer.json()["code"] == "second_factor_required"

    def test_never_enters_an_account_by_its_address(self, world: World) -> None:
        """Whoever can name somebody's address elsewhere would take their account over."""
        world.register({"email": GRACE.email or "", "username": "grace"})

        assert come_back(world.api, visit(world, world.api, GRACE)) == ("sign-in-failed", {"code": ["email_taken"]})

    @pytest.mark.parametrize(
        "identity",
        [
            Identity(subject="x", name="x", email="grace@example.com", email_verified=False, tokens="{}"),
            Identity(subject="x", name="x", email=None, email_verified=False, tokens="{}"),
            *(
                Identity(subject="x", name="x", email=email, email_verified=True, tokens="{}")
                for email in ("no address", "ada@example.com\nBcc: all@example.com", "ａda@example.com")
            ),
        ],
    )
    def test_needs_an_address_that_the_provider_vouches_for(self, world: World, identity: Identity) -> None:
        place, told = come_back(world.api, visit(world, world.api, identity))

        assert (place, told) == ("sign-in-failed", {"code": ["identity_unverified"]})

    @pytest.mark.parametrize("name", ["", "Ада", "a", "admin", "--", "x" * 200, "Grace"])
    def test_finds_a_username_for_everybody(self, world: World, name: str) -> None:
        world.register({"email": "first@example.com", "username": "grace"})
        who = Identity(subject="n", name=name, email="somebody@example.com", email_verified=True, tokens="{}")

        assert sign_in(world, world.api, who)["user"]["username"]


class TestForgery:
    def test_a_callback_in_another_browser_is_refused(self, world: World) -> None:
        """Sign-in CSRF: a thief's own code must not sign a victim in to the thief's account."""
        address = visit(world, world.api.another(), GRACE)

        assert come_back(world.api, address) == ("sign-in-failed", {"code": ["state_invalid"]})

    def test_a_ticket_is_of_no_use_in_another_browser(self, world: World) -> None:
        _, told = come_back(world.api, visit(world, world.api, GRACE))

        answer = world.api.another().post("/auth/providers/sign-in", {"ticket": told["ticket"][0]})

        assert (answer.status_code, answer.json()["code"]) == (401, "state_invalid")

    def test_a_callback_counts_once(self, world: World) -> None:
        address = visit(world, world.api, GRACE)
        come_back(world.api, address)

        assert come_back(world.api, address)[1] == {"code": ["state_invalid"]}

    def test_a_code_of_one_provider_is_nothing_at_another(self, world: World) -> None:
        address = visit(world, world.api, GRACE, "google")

        assert come_back(world.api, address.replace("google", "github"))[1] == {"code": ["state_invalid"]}

    def test_a_late_callback_is_refused(self, world: World) -> None:
        address = visit(world, world.api, GRACE)
        world.clock.advance(AUTHORIZATION_S)

        assert come_back(world.api, address)[1] == {"code": ["state_invalid"]}

    def test_a_made_up_code_is_refused(self, world: World) -> None:
        address = visit(world, world.api, GRACE).replace("code=code", "code=guess")

        assert come_back(world.api, address)[1] == {"code": ["provider_refused"]}

    @pytest.mark.parametrize(
        "extra", ["&redirect=https://evil.example", "&next=//evil.example", "&state=https://evil.example"]
    )
    def test_nobody_is_sent_anywhere_else(self, world: World, extra: str) -> None:
        answer = world.api.get("/auth/providers/google/callback?code=x&state=y" + extra)

        assert answer.headers["location"].startswith(f"{ORIGIN}/#/")

    def test_an_unknown_provider_is_not_there(self, world: World) -> None:
        assert world.api.post("/auth/providers/myspace/visit", {}).json()["code"] == "provider_unknown"

    def test_a_provider_that_is_away_is_told(self, world: World) -> None:
        address = visit(world, world.api, GRACE)
        world.parts.providers.fault = ProviderUnavailable("The provider does not answer.")

        assert come_back(world.api, address)[1] == {"code": ["provider_unavailable"]}


class TestConnect:
    @pytest.fixture
    def ada(self, world: World) -> World:
        world.sign_in(ADA)
        return world

    def test_ties_an_identity_to_the_account(self, ada: World) -> None:
        assert come_back(ada.api, visit(ada, ada.api, GRACE, purpose="connect"))[0] == "account"

        (tie,) = ada.api.get("/auth/connections").json()["items"]
        assert (tie["provider"], tie["name"]) == ("google", "grace@example.com")
        assert sign_in(ada, ada.api.another(), GRACE)["user"]["username"] == "ada"

    def test_needs_somebody_who_is_signed_in(self, world: World) -> None:
        answer = world.api.post("/auth/providers/google/visit", {"purpose": "connect"})

        assert answer.status_code == 401

    def test_takes_a_fresh_proof(self, ada: World) -> None:
        ada.clock.advance(STEP_UP_S + 1)

        answer = ada.api.post("/auth/providers/google/visit", {"purpose": "connect"})

        assert answer.json()["code"] == "step_up_needed"

    def test_an_identity_belongs_to_one_account(self, ada: World) -> None:
        sign_in(ada, ada.api.another(), GRACE)

        assert come_back(ada.api, visit(ada, ada.api, GRACE, purpose="connect"))[1] == {"code": ["identity_taken"]}

    def test_one_for_each_provider(self, ada: World) -> None:
        come_back(ada.api, visit(ada, ada.api, GRACE, purpose="connect"))
        second = Identity(subject="g-2", name="x", email=None, email_verified=False, tokens="{}")

        assert come_back(ada.api, visit(ada, ada.api, second, purpose="connect"))[1] == {"code": ["connection_there"]}

    def test_can_be_parted_from(self, ada: World) -> None:
        come_back(ada.api, visit(ada, ada.api, GRACE, purpose="connect"))

        assert ada.api.delete("/auth/connections/google").status_code == 204

        assert ada.api.get("/auth/connections").json()["items"] == []
        assert sign_in(ada, ada.api.another(), GRACE)["user"]["username"] != "ada"

    def test_the_last_way_in_stays(self, world: World) -> None:
        sign_in(world, world.api, GRACE)

        assert world.api.delete("/auth/connections/google").json()["code"] == "last_way_in"

    def test_tokens_are_sealed(self, ada: World) -> None:
        secret = Identity(subject="g", name="g", email=None, email_verified=False, tokens='{"access_token": "s3cr3t"}')
        come_back(ada.api, visit(ada, ada.api, secret, purpose="connect"))

        assert "s3cr3t" not in str(ada.dynamodb.scan(TableName=ada.tables["accounts"])["Items"])
