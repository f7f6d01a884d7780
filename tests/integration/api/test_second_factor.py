"""A second factor: codes of an app, each good once; recovery codes, each good once; and what it protects."""

import pyotp
import pytest

from core.domain.limits import STEP_UP_S
from core.domain.permissions import Role
from core.domain.second_factor import RECOVERY_CODES
from tests.integration.api.client import ApiClient
from tests.integration.api.world import PASSWORD, World

ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
RIGHT = {"email": ADA["email"], "password": PASSWORD}
STEP_S = 30


class App:
    """An authenticator app that has read the QR code."""

    def __init__(self, world: World, secret: str) -> None:
        self._world = world
        self._totp = pyotp.TOTP(secret)

    def code(self, *, steps_off: int = 0) -> str:
        return self._totp.at(self._world.clock.now() + steps_off * STEP_S)

    def next_code(self) -> str:
        """A code that was not used yet."""
        self._world.clock.advance(STEP_S)
        return self.code()


@pytest.fixture
def ada(world: World) -> World:
    world.sign_in(ADA)
    return world


@pytest.fixture
def app(ada: World) -> App:
    """Ada has set one up and confirmed it."""
    secret = ada.api.post("/auth/totp/set-up", {"password": PASSWORD}).json()["secret"]
    app = App(ada, secret)
    ada.recovery_codes = ada.api.post("/auth/totp/confirm", {"code": app.code()}).json()["codes"]
    return app


def login(world: World, code: str | None = None) -> tuple[int, str | None]:
    answer = world.api.another().post("/auth/login", RIGHT if code is None else {**RIGHT, "code": code})
    return answer.status_code, answer.json().get("code")


class TestSetUp:
    def test_shows_the_secret_in_every_way_an_app_takes_it(self, ada: World) -> None:
        shown = ada.api.post("/auth/totp/set-up", {"password": PASSWORD}).json()

        assert shown["uri"].startswith("otpauth://totp/Veza:ada%40example.com?secret=" + shown["secret"])
        assert shown["qr"].startswith("data:image/svg+xml")

    def test_asks_for_the_password(self, ada: World) -> None:
        answer = ada.api.post("/auth/totp/set-up", {"password": "a guess"})

        assert answer.json()["code"] == "password_wrong"

    def test_does_not_count_before_it_is_confirmed(self, ada: World) -> None:
        ada.api.post("/auth/totp/set-up", {"password": PASSWORD})

        assert login(ada) == (200, None)

    def test_a_wrong_code_confirms_nothing(self, ada: World) -> None:
        ada.api.post("/auth/totp/set-up", {"password": PASSWORD})

        answer = ada.api.post("/auth/totp/confirm", {"code": "000000"})

        assert (answer.status_code, answer.json()["code"]) == (422, "code_wrong")

    def test_gives_recovery_codes_once(self, ada: World, app: App) -> None:
        assert len(set(ada.recovery_codes)) == RECOVERY_CODES
        assert ada.api.post("/auth/totp/confirm", {"code": app.next_code()}).json()["code"] == "second_factor_there"

    def test_a_second_one_is_refused(self, ada: World, app: App) -> None:
        assert ada.api.post("/auth/totp/set-up", {"password": PASSWORD}).json()["code"] == "second_factor_there"

    def test_is_told_by_mail(self, ada: World, app: App) -> None:
        assert [letter.subject for letter in ada.mail().sent] == ["Your second factor was set up"]


class TestLogin:
    def test_needs_a_code(self, ada: World, app: App) -> None:
        assert login(ada) == (401, "second_factor_required")
        assert login(ada, app.next_code()) == (200, None)

    def test_says_so_only_to_who_knows_the_password(self, ada: World, app: App) -> None:
        answer = ada.api.another().post("/auth/login", {**RIGHT, "password": "a guess"})

        assert answer.json()["code"] == "credentials_invalid"

    @pytest.mark.parametrize("steps_off", [-1, 0, 1])
    def test_takes_codes_half_a_minute_off(self, ada: World, app: App, steps_off: int) -> None:
        ada.clock.advance(4 * STEP_S)

        assert login(ada, app.code(steps_off=steps_off)) == (200, None)

    @pytest.mark.parametrize("steps_off", [-10, -2, 2, 10])
    def test_takes_no_others(self, ada: World, app: App, steps_off: int) -> None:
        ada.clock.advance(20 * STEP_S)

        assert login(ada, app.code(steps_off=steps_off)) == (401, "code_wrong")

    def test_takes_each_code_once(self, ada: World, app: App) -> None:
        code = app.next_code()

        assert login(ada, code) == (200, None)
        assert login(ada, code) == (401, "code_wrong")

    def test_wrong_codes_lock_the_account_although_the_password_is_right(self, ada: World, app: App) -> None:
        for _ in range(5):
            assert login(ada, "000000") == (401, "code_wrong")

        assert login(ada, app.next_code()) == (429, "account_locked")

    def test_takes_each_recovery_code_once_however_it_is_typed(self, ada: World, app: App) -> None:
        first, second = ada.recovery_codes[:2]

        assert login(ada, first.upper().replace("-", " ")) == (200, None)
        assert login(ada, first) == (401, "code_wrong")
        assert login(ada, second) == (200, None)

    def test_failures_are_in_the_history(self, ada: World, app: App) -> None:
        login(ada, "000000")

        assert ada.api.get("/auth/login-history").json()["items"][0]["outcome"] == "wrong_code"

    def test_a_sign_in_link_needs_it_too_and_survives_the_question(self, ada: World, app: App) -> None:
        browser = ada.api.another()
        browser.post("/auth/magic-link", {"email": ADA["email"]})
        token = ada.mailed_token(ADA["email"])

        asked = browser.post("/auth/magic-link/sign-in", {"token": token})
        answered = browser.post("/auth/magic-link/sign-in", {"token": token, "code": app.next_code()})

        assert asked.json()["code"] == "second_factor_required"
        assert answered.status_code == 200


class TestTakeAway:
    def test_asks_for_password_and_code(self, ada: World, app: App) -> None:
        def disable(password: str, code: str) -> str | None:
            answer = ada.api.post("/auth/totp/disable", {"password": password, "code": code})
            return None if answer.status_code == 204 else answer.json()["code"]

        assert disable("a guess", app.next_code()) == "password_wrong"
        assert disable(PASSWORD, "000000") == "code_wrong"
        assert login(ada) == (401, "second_factor_required")
        assert disable(PASSWORD, app.next_code()) is None
        assert login(ada) == (200, None)

    def test_a_recovery_code_will_do(self, ada: World, app: App) -> None:
        body = {"password": PASSWORD, "code": ada.recovery_codes[0]}

        assert ada.api.post("/auth/totp/disable", body).status_code == 204

    def test_there_has_to_be_one(self, ada: World) -> None:
        answer = ada.api.post("/auth/totp/disable", {"password": PASSWORD, "code": "000000"})

        assert (answer.status_code, answer.json()["code"]) == (409, "second_factor_not_set_up")


def test_fresh_recovery_codes_replace_those_of_before(ada: World, app: App) -> None:
    body = {"password": PASSWORD, "code": app.next_code()}
    fresh = ada.api.post("/auth/totp/recovery-codes", body).json()["codes"]

    assert set(fresh).isdisjoint(ada.recovery_codes)
    assert login(ada, ada.recovery_codes[0]) == (401, "code_wrong")
    assert login(ada, fresh[0]) == (200, None)


class TestStaff:
    """Power over others takes two factors, and a proof of a moment ago."""

    @staticmethod
    def _moderator(world: World) -> tuple[ApiClient, App]:
        world.sign_in(ADA)
        assert world.account_id is not None
        world.has_roles(world.account_id, frozenset({Role.USER, Role.MODERATOR}))
        secret = world.api.post("/auth/totp/set-up", {"password": PASSWORD}).json()["secret"]
        app = App(world, secret)
        world.api.post("/auth/totp/confirm", {"code": app.code()})
        return world.api, app

    def test_a_password_alone_is_not_enough(self, world: World) -> None:
        api, app = self._moderator(world)
        victim = world.register({"email": "grace@example.com", "username": "grace"})

        before = api.get(f"/admin/users/{victim}")
        api.post("/auth/login", {**RIGHT, "code": app.next_code()})
        after = api.get(f"/admin/users/{victim}")

        assert (before.status_code, before.json()["code"]) == (403, "second_factor_needed")
        assert after.status_code == 200

    def test_an_old_proof_has_to_be_renewed(self, world: World) -> None:
        api, app = self._moderator(world)
        victim = world.register({"email": "grace@example.com", "username": "grace"})
        api.post("/auth/login", {**RIGHT, "code": app.next_code()})
        world.clock.advance(STEP_UP_S + 1)

        refused = api.post(f"/admin/users/{victim}/suspend")
        old = api.cookies["veza_access"]
        renewed = api.post("/auth/step-up", {"password": PASSWORD, "code": app.next_code()})
        done = api.post(f"/admin/users/{victim}/suspend")

        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_needed")
        assert (renewed.status_code, done.status_code) == (200, 200)
        assert api.another(old).get("/auth/me").json()["code"] == "token_revoked"

    def test_refreshing_is_no_proof(self, world: World) -> None:
        api, app = self._moderator(world)
        victim = world.register({"email": "grace@example.com", "username": "grace"})
        api.post("/auth/login", {**RIGHT, "code": app.next_code()})
        world.clock.advance(STEP_UP_S + 1)

        api.post("/auth/refresh")

        assert api.post(f"/admin/users/{victim}/suspend").json()["code"] == "step_up_needed"

    @pytest.mark.parametrize(("body", "code"), [({}, "password_needed"), ({"password": "a guess"}, "password_wrong")])
    def test_the_renewal_needs_the_password(self, ada: World, body: dict[str, str], code: str) -> None:
        assert ada.api.post("/auth/step-up", body).json()["code"] == code
