"""How often something may be done, and how long an account stays shut after wrong passwords."""

import pytest

from core.domain.limits import MIB
from tests.integration.api.parts import EDGE_SECRET
from tests.integration.api.world import PASSWORD, World

ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
RIGHT = {"email": ADA["email"], "password": PASSWORD}
WRONG = {"email": ADA["email"], "password": "not the password"}
NOBODY = {"email": "who@example.com", "password": "not the password"}


def from_address(number: int) -> dict[str, str]:
    """Headers of a request that came by the CDN from that address."""
    return {"x-veza-edge": EDGE_SECRET, "cloudfront-viewer-address": f"203.0.113.{number}:443"}


@pytest.fixture
def strict(world: World) -> World:
    world.limits_hold()
    return world


class TestRates:
    def test_a_sixth_login_within_a_minute_has_to_wait(self, strict: World) -> None:
        strict.register(ADA)
        answers = [strict.api.post("/auth/login", RIGHT) for _ in range(6)]

        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["4", "3", "2", "1", "0", "0"]
        refused = answers[-1]
        assert refused.json()["code"] == "rate_limited"
        assert refused.headers["ratelimit-limit"] == "5"
        assert 0 < int(refused.headers["retry-after"]) <= 60
        strict.clock.advance(int(refused.headers["retry-after"]))
        assert strict.api.post("/auth/login", RIGHT).status_code == 200

    def test_one_account_from_many_addresses_has_to_wait_too(self, strict: World) -> None:
        strict.register(ADA)

        found = [strict.api.post("/auth/login", RIGHT, headers=from_address(n)).status_code for n in range(6)]

        assert found == [200] * 5 + [429]

    def test_registering_with_one_address_is_counted_wherever_it_comes_from(self, strict: World) -> None:
        found = [strict.api.post("/auth/register", ADA, headers=from_address(n)).status_code for n in range(6)]

        assert found == [201] + [409] * 4 + [429]

    def test_each_change_is_counted_by_account_and_endpoint(self, strict: World) -> None:
        strict.sign_in(ADA)
        names = [strict.api.post("/auth/api-keys", {}).status_code for _ in range(2)]  # refused, but counted
        answer = strict.api.post("/auth/logout-others")

        assert names == [422, 422]
        assert (answer.headers["ratelimit-limit"], answer.headers["ratelimit-remaining"]) == ("60", "59")
        for _ in range(59):
            strict.api.post("/auth/logout-others")
        refused = strict.api.post("/auth/logout-others")
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert int(refused.headers["retry-after"]) > 0
        assert strict.api.get("/auth/me").status_code == 200

    def test_an_address_counts_only_if_the_cdn_says_so(self, strict: World) -> None:
        """Who dials the gateway and makes addresses up is one and the same."""
        forged = [
            {"cloudfront-viewer-address": f"203.0.113.{n}:1", "x-forwarded-for": f"203.0.113.{n}"} for n in range(6)
        ]
        people = [{**ADA, "email": f"ada{n}@example.com", "username": f"ada{n}"} for n in range(6)]

        found = [
            strict.api.post("/auth/register", person, headers=headers).status_code
            for person, headers in zip(people, forged, strict=True)
        ]

        assert found == [201] * 5 + [429]

    def test_uploads_are_counted_by_account(self, strict: World) -> None:
        strict.be("ada")
        wanted = {"filename": "song.wav", "size_bytes": MIB}

        found = [strict.api.post("/uploads", wanted).status_code for _ in range(11)]

        assert found == [201] * 10 + [429]
        assert strict.another_person("grace").post("/uploads", wanted).status_code == 201

    def test_what_can_not_be_counted_is_refused(self, world: World) -> None:
        world.register(ADA)
        world.lose_counters()

        answer = world.api.post("/auth/login", RIGHT)

        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")


class TestLockout:
    """Rates are wide here: only wrong passwords count."""

    def test_shuts_for_longer_with_each_wrong_password(self, world: World) -> None:
        world.register(ADA)
        for _ in range(5):
            assert world.api.post("/auth/login", WRONG).status_code == 401
        locked = world.api.post("/auth/login", RIGHT)
        assert (locked.status_code, locked.json()["code"]) == (429, "account_locked")
        assert locked.headers["retry-after"] == "900"

        world.clock.advance(900)
        assert world.api.post("/auth/login", WRONG).status_code == 401
        assert world.api.post("/auth/login", RIGHT).headers["retry-after"] == "1800"

        world.clock.advance(1800)
        assert world.api.post("/auth/login", RIGHT).status_code == 200
        assert world.api.post("/auth/login", WRONG).status_code == 401
        assert world.api.post("/auth/login", RIGHT).status_code == 200

    def test_looks_at_no_password_while_it_lasts(self, world: World) -> None:
        world.register(ADA)
        for _ in range(5):
            world.api.post("/auth/login", WRONG)
        looked_at = len(world.hasher.verified)

        world.api.post("/auth/login", RIGHT)

        assert len(world.hasher.verified) == looked_at

    def test_does_not_tell_whether_there_is_an_account(self, world: World) -> None:
        world.register(ADA)
        known = [world.api.post("/auth/login", WRONG) for _ in range(7)]
        unknown = [world.api.post("/auth/login", NOBODY) for _ in range(7)]

        assert [a.status_code for a in known] == [a.status_code for a in unknown] == [401] * 5 + [429] * 2
        for one, other in zip(known, unknown, strict=True):
            assert {**one.json(), "request_id": ""} == {**other.json(), "request_id": ""}

    def test_does_the_same_work_for_nobody(self, world: World) -> None:
        """Every statement the database gets, but for whom; nine tries pass the lockout's beginning."""
        world.register(ADA)
        known = [world.statements_of(lambda: world.api.post("/auth/login", WRONG)) for _ in range(7)]
        unknown = [world.statements_of(lambda: world.api.post("/auth/login", NOBODY)) for _ in range(7)]

        assert known == unknown

    def test_the_owner_hears_of_it_once(self, world: World) -> None:
        world.register(ADA)
        for _ in range(7):
            world.api.post("/auth/login", WRONG)
            world.clock.advance(3600)

        assert [event.type for event in world.events()] == ["account.locked"]

    def test_leaves_sessions_alone(self, world: World) -> None:
        world.sign_in(ADA)
        for _ in range(5):
            world.api.another().post("/auth/login", WRONG)

        assert world.api.get("/auth/me").status_code == 200
        assert world.api.post("/auth/refresh").status_code == 200


def test_what_an_alarm_looks_at_is_counted(strict: World, capsys: pytest.CaptureFixture[str]) -> None:
    strict.register(ADA)
    for n in range(6):
        strict.api.post("/auth/login", WRONG, headers=from_address(n))
    told = capsys.readouterr().out
    assert (told.count('"FailedSignIn"'), told.count('"AccountLocked"')) >= (5, 1)


def test_credential_stuffing_shuts_its_address_and_no_other(strict: World) -> None:
    strict.register(ADA)
    for number in range(20):
        tried = {"email": f"victim{number}@example.com", "password": "not the password"}
        assert strict.api.post("/auth/login", tried, headers=from_address(7)).status_code == 401
        strict.clock.advance(13)

    blocked = strict.api.post("/auth/login", RIGHT, headers=from_address(7))
    elsewhere = strict.api.post("/auth/login", RIGHT, headers=from_address(8))

    assert (blocked.status_code, blocked.json()["code"]) == (429, "address_blocked")
    assert elsewhere.status_code == 200
