"""The staff: power over other people goes downwards only, and works at once."""

import pyotp
import pytest

from core.domain.ids import AccountId, new_id
from core.domain.permissions import Role
from tests.integration.api.world import PASSWORD, World

ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
USER, MODERATOR, ADMIN, SUPERADMIN = (
    frozenset({Role.USER, role}) for role in (Role.USER, Role.MODERATOR, Role.ADMIN, Role.SUPERADMIN)
)


@pytest.fixture
def ada(world: World) -> AccountId:
    """Somebody to have power over."""
    return world.register(ADA)


class TestWhoMay:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "/admin/users/{}", None),
            ("PUT", "/admin/users/{}/roles", {"roles": []}),
            ("POST", "/admin/users/{}/suspend", None),
            ("POST", "/admin/users/{}/reinstate", None),
            ("POST", "/admin/users/{}/end-sessions", None),
            ("DELETE", "/admin/users/{}/second-factor", None),
        ],
    )
    def test_nobody_but_the_staff(self, world: World, ada: AccountId, method: str, path: str, body: object) -> None:
        anonymous = world.api.another().call(method, path.format(ada), body)
        world.be("grace")
        user = world.api.call(method, path.format(ada), body)

        assert anonymous.status_code == 401
        assert (user.status_code, user.json()["code"]) == (403, "permission_missing")

    def test_moderators_give_no_roles(self, world: World, ada: AccountId) -> None:
        world.be("mod", roles=MODERATOR)

        assert world.api.call("PUT", f"/admin/users/{ada}/roles", {"roles": []}).json()["code"] == "permission_missing"

    def test_a_lost_role_counts_at_once(self, world: World, ada: AccountId) -> None:
        world.be("mod", roles=MODERATOR)
        assert world.api.get(f"/admin/users/{ada}").status_code == 200
        assert world.account_id is not None

        world.has_roles(world.account_id, USER)

        assert world.api.get(f"/admin/users/{ada}").status_code == 403


class TestRoles:
    def test_are_set_and_user_is_implied(self, world: World, ada: AccountId) -> None:
        world.be("root", roles=SUPERADMIN)

        answer = world.api.call("PUT", f"/admin/users/{ada}/roles", {"roles": ["moderator", "creator"]})

        assert answer.status_code == 200
        assert answer.json()["roles"] == ["creator", "moderator", "user"]

    @pytest.mark.parametrize("role", ["admin", "superadmin"])
    def test_an_admin_makes_no_equals(self, world: World, ada: AccountId, role: str) -> None:
        world.be("root", roles=ADMIN)

        answer = world.api.call("PUT", f"/admin/users/{ada}/roles", {"roles": [role]})

        assert (answer.status_code, answer.json()["code"]) == (403, "role_out_of_reach")

    def test_nobody_changes_their_own(self, world: World) -> None:
        world.be("root", roles=SUPERADMIN)

        answer = world.api.call("PUT", f"/admin/users/{world.account_id}/roles", {"roles": []})

        assert (answer.status_code, answer.json()["code"]) == (403, "account_out_of_reach")

    def test_a_role_that_does_not_exist_is_refused(self, world: World, ada: AccountId) -> None:
        world.be("root", roles=SUPERADMIN)

        assert world.api.call("PUT", f"/admin/users/{ada}/roles", {"roles": ["god"]}).status_code == 422


class TestSuspension:
    def test_shuts_out_at_once_and_says_why_to_the_owner_alone(self, world: World) -> None:
        world.sign_in(ADA)
        owner, ada = world.api, world.account_id
        staff = world.another_person("mod", roles=MODERATOR)

        answer = staff.post(f"/admin/users/{ada}/suspend")

        assert answer.status_code == 200
        assert answer.json()["suspended_at"] is not None
        assert owner.get("/auth/me").status_code == 401
        assert owner.post("/auth/refresh").status_code == 401
        known = owner.post("/auth/login", {"email": ADA["email"], "password": PASSWORD})
        guessed = owner.post("/auth/login", {"email": ADA["email"], "password": "not the password"})
        assert (known.status_code, known.json()["code"]) == (403, "account_suspended")
        assert guessed.json()["code"] == "credentials_invalid"

    def test_ends(self, world: World, ada: AccountId) -> None:
        world.be("mod", roles=MODERATOR)
        world.api.post(f"/admin/users/{ada}/suspend")

        answer = world.api.post(f"/admin/users/{ada}/reinstate")

        assert answer.json()["suspended_at"] is None
        assert world.api.post("/auth/login", {"email": ADA["email"], "password": PASSWORD}).status_code == 200

    def test_can_be_repeated(self, world: World, ada: AccountId) -> None:
        world.be("mod", roles=MODERATOR)
        first = world.api.post(f"/admin/users/{ada}/suspend").json()
        world.clock.advance(60)

        assert world.api.post(f"/admin/users/{ada}/suspend").json() == first

    @pytest.mark.parametrize(
        ("mine", "theirs"),
        [(MODERATOR, MODERATOR), (MODERATOR, ADMIN), (ADMIN, ADMIN), (ADMIN, SUPERADMIN), (SUPERADMIN, SUPERADMIN)],
    )
    def test_equals_and_superiors_are_out_of_reach(
        self, world: World, mine: frozenset[Role], theirs: frozenset[Role]
    ) -> None:
        other = world.register(ADA, roles=theirs)
        world.be("staff", roles=mine)

        for method, what in (
            ("POST", "suspend"), ("POST", "reinstate"), ("POST", "end-sessions"), ("DELETE", "second-factor"),
        ):  # fmt: skip
            answer = world.api.call(method, f"/admin/users/{other}/{what}")
            assert (answer.status_code, answer.json()["code"]) == (403, "account_out_of_reach")

    def test_of_nobody_is_not_found(self, world: World) -> None:
        world.be("mod", roles=MODERATOR)

        assert world.api.post(f"/admin/users/{new_id()}/suspend").json()["code"] == "account_not_found"


def test_sessions_can_be_ended_for_somebody(world: World) -> None:
    world.sign_in(ADA)
    staff = world.another_person("mod", roles=MODERATOR)

    assert staff.post(f"/admin/users/{world.account_id}/end-sessions").status_code == 204

    assert world.api.get("/auth/me").json()["code"] == "token_revoked"
    assert world.api.post("/auth/refresh").status_code == 401


def test_a_second_factor_that_is_lost_can_be_taken_away(world: World) -> None:
    """Or one that a thief has put on."""
    world.sign_in(ADA)
    owner = world.api
    app = pyotp.TOTP(owner.post("/auth/totp/set-up", {"password": PASSWORD}).json()["secret"])
    owner.post("/auth/totp/confirm", {"code": app.at(world.clock.now())})
    staff = world.another_person("mod", roles=MODERATOR)

    for _ in range(2):
        assert staff.delete(f"/admin/users/{world.account_id}/second-factor").status_code == 204

    assert owner.get("/auth/me").json()["code"] == "token_revoked"
    signed_in = owner.another().post("/auth/login", {"email": ADA["email"], "password": PASSWORD})
    assert signed_in.json()["user"]["second_factor"] is False
    assert [event.data for event in world.events() if event.type == "second-factor.changed"][-1]["enabled"] is False
