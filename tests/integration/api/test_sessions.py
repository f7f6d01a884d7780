"""Where am I signed in, what was tried, and out there no more."""

import pytest

from core.domain.ids import new_id
from core.domain.limits import STEP_UP_S
from tests.integration.api.client import ApiClient
from tests.integration.api.parts import EDGE_SECRET
from tests.integration.api.world import PASSWORD, World

ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BY_THE_CDN = {
    "x-veza-edge": EDGE_SECRET,
    "cloudfront-viewer-address": "203.0.113.7:50123",
    "cloudfront-viewer-city": "Lyon",
    "cloudfront-viewer-country": "FR",
    "user-agent": FIREFOX,
}


def a_device(world: World, **headers: str) -> ApiClient:
    """Another of Ada's devices, signed in."""
    device = world.api.another()
    credentials = {"email": ADA["email"], "password": PASSWORD}
    device.post("/auth/login", credentials, headers=headers)
    return device


@pytest.fixture
def ada(world: World) -> World:
    world.sign_in(ADA)
    return world


class TestList:
    def test_shows_each_device_the_newest_first(self, ada: World) -> None:
        ada.clock.advance(5)
        a_device(ada, **BY_THE_CDN)

        newest, own = ada.api.get("/auth/sessions").json()["items"]

        assert newest["origin"] == {"device": "Firefox on Linux", "address": "203.0.113.7", "place": "Lyon, FR"}
        assert (newest["current"], own["current"]) == (False, True)
        assert own["origin"]["place"] == ""
        assert newest["created_at"] > own["created_at"]

    def test_a_refresh_tells_where_it_was_used_last(self, ada: World) -> None:
        ada.clock.advance(60)
        ada.api.post("/auth/refresh", headers=BY_THE_CDN)

        (own,) = ada.api.get("/auth/sessions").json()["items"]

        assert own["last_used_at"] > own["created_at"]
        assert own["origin"]["place"] == "Lyon, FR"

    def test_other_peoples_are_not_shown(self, ada: World) -> None:
        stranger = ada.somebody_else()

        assert len(stranger.get("/auth/sessions").json()["items"]) == 1


class TestRevoke:
    def test_signs_one_device_out_at_once(self, ada: World) -> None:
        phone = a_device(ada)
        (there,) = [s for s in ada.api.get("/auth/sessions").json()["items"] if not s["current"]]

        answer = ada.api.delete(f"/auth/sessions/{there['id']}")

        assert answer.status_code == 204
        assert phone.get("/auth/me").json()["code"] == "token_revoked"
        assert phone.post("/auth/refresh").status_code == 401
        assert ada.api.get("/auth/me").status_code == 200

    def test_ending_others_takes_a_fresh_proof(self, ada: World) -> None:
        """Who finds a device unlocked must not be able to lock its owner's others out."""
        phone = a_device(ada)
        (there,) = [s for s in ada.api.get("/auth/sessions").json()["items"] if not s["current"]]
        ada.clock.advance(STEP_UP_S + 1)
        ada.api.post("/auth/refresh")

        for answer in (
            ada.api.delete(f"/auth/sessions/{there['id']}"),
            ada.api.post("/auth/logout-others"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "step_up_needed")
        phone.post("/auth/refresh")
        assert phone.get("/auth/me").status_code == 200

    def test_knows_no_other_peoples_sessions(self, ada: World) -> None:
        stranger = ada.somebody_else()
        (theirs,) = stranger.get("/auth/sessions").json()["items"]

        for session_id in (theirs["id"], new_id()):
            answer = ada.api.delete(f"/auth/sessions/{session_id}")
            assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")
        assert stranger.get("/auth/me").status_code == 200

    def test_others_leaves_the_one_that_asks(self, ada: World) -> None:
        phone, desk = a_device(ada), a_device(ada)

        assert ada.api.post("/auth/logout-others").status_code == 204

        assert [client.get("/auth/me").status_code for client in (ada.api, phone, desk)] == [200, 401, 401]
        assert len(ada.api.get("/auth/sessions").json()["items"]) == 1

    def test_everywhere_ends_all_and_takes_the_cookie_back(self, ada: World) -> None:
        phone = a_device(ada)

        assert ada.api.post("/auth/logout-everywhere").status_code == 204

        assert [client.get("/auth/me").status_code for client in (ada.api, phone)] == [401, 401]
        assert phone.post("/auth/refresh").status_code == 401
        assert "veza_refresh" not in ada.api.cookies

    def test_everywhere_holds_even_if_the_tidying_never_happens(self, ada: World) -> None:
        """One write ends them all: rows of sessions that stay behind open nothing."""
        phone = a_device(ada)
        ada.parts.sessions.forgetful = True

        ada.api.post("/auth/logout-everywhere")

        assert phone.get("/auth/me").status_code == 401
        assert phone.post("/auth/refresh").json()["code"] == "refresh_invalid"
        assert a_device(ada).get("/auth/sessions").json()["items"][1:] == []


class TestLoginHistory:
    def test_shows_what_was_tried_and_from_where(self, ada: World) -> None:
        ada.clock.advance(5)
        wrong = {"email": ADA["email"], "password": "not the password"}
        ada.api.another().post("/auth/login", wrong, headers=BY_THE_CDN)

        failed, signed_in = ada.api.get("/auth/login-history").json()["items"]

        assert (failed["outcome"], failed["origin"]["address"]) == ("wrong_password", "203.0.113.7")
        assert (signed_in["outcome"], signed_in["way"]) == ("signed_in", "password")

    def test_comes_in_pages(self, ada: World) -> None:
        for _ in range(4):
            ada.clock.advance(1)
            a_device(ada)

        first = ada.api.get("/auth/login-history?limit=2").json()
        second = ada.api.get(f"/auth/login-history?limit=2&cursor={first['next_cursor']}").json()
        third = ada.api.get(f"/auth/login-history?limit=2&cursor={second['next_cursor']}").json()

        shown = [*first["items"], *second["items"], *third["items"]]
        assert [login["at"] for login in shown] == sorted((login["at"] for login in shown), reverse=True)
        assert len(shown) == 5
        assert third["next_cursor"] is None

    def test_what_a_stranger_tries_is_in_nobodys(self, ada: World) -> None:
        ada.api.another().post("/auth/login", {"email": "who@example.com", "password": "whatever it is"})

        assert len(ada.api.get("/auth/login-history").json()["items"]) == 1
