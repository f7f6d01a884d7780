"""Every change is written down: who, what, from where, with what result; and no secret with it."""

import json
from typing import Any

import pytest

from api.middleware import audit_trail
from core.domain.permissions import Role
from core.domain.providers import Identity
from tests.integration.api import test_connections
from tests.integration.api.client import ApiClient
from tests.integration.api.parts import EDGE_SECRET
from tests.integration.api.world import PASSWORD, World

ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
BY_THE_CDN = {"x-veza-edge": EDGE_SECRET, "cloudfront-viewer-address": "203.0.113.7:1"}


@pytest.fixture
def admin(world: World) -> ApiClient:
    return world.another_person("root", roles=frozenset({Role.USER, Role.ADMIN}))


def entries(admin: ApiClient, **query: str) -> list[dict[str, Any]]:
    answer = admin.get("/admin/audit", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_tells_who_did_what_from_where_with_what_result(world: World, admin: ApiClient) -> None:
    world.be("ada")
    request = world.api.post("/uploads", {"filename": "song.wav", "size_bytes": 1000}, headers=BY_THE_CDN)

    (entry,) = entries(admin, account_id=str(world.account_id))

    assert entry["action"] == "POST /api/v1/uploads"
    assert (entry["status"], entry["code"]) == (201, "")
    assert entry["asked"]["filename"] == "song.wav"
    assert entry["origin"]["address"] == "203.0.113.7"
    assert entry["request_id"] == request.headers["x-request-id"]


def test_refusals_are_told_with_their_code(world: World, admin: ApiClient) -> None:
    world.api.post("/auth/login", {"email": ADA["email"], "password": "a guess"})

    (entry,) = entries(admin, account_id="anonymous")

    assert (entry["status"], entry["code"]) == (401, "credentials_invalid")


def test_secrets_are_masked_by_their_type(world: World, admin: ApiClient) -> None:
    world.sign_in(ADA)
    world.api.post("/auth/password/change", {"current_password": PASSWORD, "new_password": "seven herons at the weir"})
    world.api.post("/auth/totp/set-up", {"password": PASSWORD})
    token = world.api.cookies["veza_access"]
    world.api.another().post("/auth/revoke", {"token": token})

    everything = json.dumps(world.dynamodb.scan(TableName=world.tables["audit"])["Items"])

    for secret in (PASSWORD, "seven herons", token):
        assert secret not in everything
    assert "**********" in everything


def test_what_was_refused_as_malformed_is_not_kept(world: World, admin: ApiClient) -> None:
    world.api.post("/auth/login", {"email": ADA["email"], "passwort": PASSWORD})

    (entry,) = entries(admin, account_id="anonymous")

    assert (entry["status"], entry["asked"]) == (422, None)


def test_who_shows_that_the_account_is_theirs_is_named_without_being_signed_in(world: World, admin: ApiClient) -> None:
    world.register(ADA)
    browser = world.api.another()
    browser.post("/auth/password/forgot", {"email": ADA["email"]})
    reset = {"token": world.mailed_token(ADA["email"]), "new_password": "seven herons at the weir"}
    browser.post("/auth/password/reset", reset)
    user = browser.post("/auth/login", {"email": ADA["email"], "password": "seven herons at the weir"}).json()["user"]
    browser.post("/auth/refresh")
    browser.post("/auth/logout")

    actions = [
        str(entry["action"]).removeprefix("POST /api/v1/auth/") for entry in entries(admin, account_id=user["id"])
    ]

    assert actions == ["logout", "refresh", "login", "password/reset"]


def test_who_was_refused_is_named_too(world: World, admin: ApiClient) -> None:
    world.sign_in(ADA)
    world.api.cookies.delete("veza_csrf")

    assert world.api.post("/auth/logout-others").json()["code"] == "csrf_invalid"

    assert entries(admin, account_id=str(world.account_id))[0]["code"] == "csrf_invalid"


def test_looking_is_no_change(world: World, admin: ApiClient) -> None:
    world.be("ada")
    world.api.get("/tracks")

    assert entries(admin, account_id=str(world.account_id)) == []


def test_a_day_holds_everybodys_changes_in_pages(world: World, admin: ApiClient) -> None:
    for name in ("ada", "grace", "mary"):
        world.be(name)
        world.api.post("/auth/verify-email/resend")

    first = admin.get("/admin/audit?day=2027-01-15&limit=2").json()
    second = admin.get(f"/admin/audit?day=2027-01-15&limit=2&cursor={first['next_cursor']}").json()

    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("query", [{}, {"day": "yesterday"}, {"day": "2027-13-01"}])
def test_one_has_to_ask_for_something(admin: ApiClient, query: dict[str, str]) -> None:
    assert admin.get("/admin/audit", params=query).status_code == 422


def test_nobody_but_administrators_reads_it(world: World) -> None:
    world.be("mod", roles=frozenset({Role.USER, Role.MODERATOR}))

    assert world.api.get("/admin/audit?day=2027-01-15").json()["code"] == "permission_missing"


def test_without_the_audit_the_work_goes_on_and_an_alarm_is_raised(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.lose_audit()
    world.be("ada")

    assert world.api.post("/uploads", {"filename": "song.wav", "size_bytes": 1000}).status_code == 201
    assert "audit_lost" in [record.getMessage() for record in caplog.records]


def last(admin: ApiClient, account_id: object = "anonymous") -> dict[str, Any]:
    return entries(admin, account_id=str(account_id))[0]


class TestEverything:
    @pytest.mark.parametrize(
        ("content", "code"), [(b"x" * 70_000, "body_too_large"), (b'{"a": 1, "a": 2}', "json_duplicate_key")]
    )
    def test_that_was_refused_before_it_found_its_route(
        self, world: World, admin: ApiClient, content: bytes, code: str
    ) -> None:
        world.api.post("/auth/login", content=content, headers={"content-type": "application/json"})

        (entry,) = entries(admin, account_id="anonymous")
        assert (entry["action"], entry["code"], entry["asked"]) == ("POST /api/v1/auth/login", code, None)

    def test_that_a_visit_to_a_provider_changed(self, world: World, admin: ApiClient) -> None:
        who = Identity(subject="g-1", name="Grace", email="grace@example.com", email_verified=True, tokens="{}")
        account_id = test_connections.sign_in(world, world.api, who)["user"]["id"]

        finished, returned = entries(admin, account_id=account_id)

        assert finished["action"].endswith("/providers/sign-in")
        assert returned["action"] == "GET /api/v1/auth/providers/{provider}/callback"
        assert (returned["status"], returned["target"], returned["subject"]) == (
            303,
            {"provider": "google"},
            account_id,
        )

    def test_that_a_visit_to_a_provider_could_not(self, world: World, admin: ApiClient) -> None:
        world.api.get("/auth/providers/google/callback?code=x&state=y")

        assert last(admin)["code"] == "state_invalid"

    def test_that_a_browser_said_by_looking_and_only_once(self, world: World, admin: ApiClient) -> None:
        world.be("ada")
        for _ in range(2):
            world.api.get("/privacy/consents", headers={"Sec-GPC": "1"})

        assert [entry["action"] for entry in entries(admin, account_id=str(world.account_id))] == [
            "GET /api/v1/privacy/consents"
        ]


@pytest.mark.parametrize("path", ["/auth/login", "/auth/password/forgot", "/auth/magic-link"])
def test_what_may_be_a_password_by_mistake_is_only_recognisable(world: World, admin: ApiClient, path: str) -> None:
    more = {"password": "x"} if path.endswith("login") else {}
    for typed in (PASSWORD, f" {PASSWORD.upper()}", "another"):
        world.api.post(path, {"email": typed, **more})

    one, again, first = (entry["asked"]["email"] for entry in entries(admin, account_id="anonymous"))

    assert again == first != one
    assert first.startswith("sha256:")
    assert PASSWORD not in json.dumps(world.dynamodb.scan(TableName=world.tables["audit"])["Items"])


def test_a_body_that_can_t_be_written_down_leaves_its_entry(
    world: World, admin: ApiClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(audit_trail, "_understood", fails)
    world.be("ada")

    assert world.api.post("/uploads", {"filename": "song.wav", "size_bytes": 1000}).status_code == 201
    assert (last(admin, world.account_id)["status"], last(admin, world.account_id)["asked"]) == (201, None)
    assert "audit_lost" in [record.getMessage() for record in caplog.records]


def test_whatever_fails_in_it_nothing_done_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(world.parts.audit, "add", fails)
    world.be("ada")

    assert world.api.post("/uploads", {"filename": "song.wav", "size_bytes": 1000}).status_code == 201
    assert "audit_lost" in [record.getMessage() for record in caplog.records]


def test_nobody_fills_it_with_long_bodies(world: World, admin: ApiClient) -> None:
    long = {"filename": "ñ" * 250, "size_bytes": 1000}
    world.api.post("/uploads", long)
    world.be("ada")
    world.api.post("/uploads", long)

    assert "filename" not in last(admin)["asked"]
    assert last(admin, world.account_id)["asked"]["filename"] == long["filename"]


def test_the_gateway_s_id_stands_beside_the_caller_s(world: World, admin: ApiClient) -> None:
    world.be("ada")
    app = world.api.app

    async def behind_the_gateway(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "aws.event": {"requestContext": {"requestId": "of-the-gateway="}}}, receive, send)

    client = world.api.another(world.api.token)
    client.reach(behind_the_gateway)
    client.post("/auth/verify-email/resend", headers={"x-request-id": "of-the-caller"})

    entry = last(admin, world.account_id)
    assert (entry["request_id"], entry["gateway_id"]) == ("of-the-caller", "of-the-gateway=")
