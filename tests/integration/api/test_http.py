"""What holds for every answer: one error shape, an id, safe headers, and nothing of our inside."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter

from api.app import create_app
from core.domain.errors import MediaRejected, ObjectGone, StoreUnavailable, VezaError
from core.domain.reasons import ReasonCode
from core.telemetry import get_logger
from tests.integration.api.client import ApiClient
from tests.integration.api.world import World

PROBLEM = "application/problem+json"


class TestProblems:
    @pytest.mark.parametrize(
        ("method", "path", "status", "code"),
        [
            ("GET", "/nothing", 404, "route_not_found"),
            ("GET", "/auth/me/", 404, "route_not_found"),
            ("PUT", "/auth/login", 405, "method_not_allowed"),
            ("GET", "/auth/me", 401, "not_authenticated"),
            ("POST", "/auth/login", 422, "validation_failed"),
        ],
    )
    def test_have_one_shape(self, world: World, method: str, path: str, status: int, code: str) -> None:
        answer = world.api.call(method, path)

        body = answer.json()
        assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
        assert set(body) - {"errors"} == {"type", "title", "status", "code", "detail", "request_id"}
        assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:veza:problem:{code}")
        assert body["request_id"] == answer.headers["x-request-id"]

    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            (b"{", 400, "json_invalid"),
            (b'{"email": "a@example.com", "password": "x", "password": "y"}', 400, "json_duplicate_key"),
            (b'{"email": {"x": 1, "x": 2}, "password": "x"}', 400, "json_duplicate_key"),
            (b"[" * 60_000, 400, "bad_request"),
            (b"[]", 422, "validation_failed"),
            (b"\xff\xfe", 400, "json_invalid"),
            (b'"x"', 422, "validation_failed"),
        ],
    )
    def test_of_a_body_that_is_none(self, world: World, content: bytes, status: int, code: str) -> None:
        answer = world.api.call("POST", "/auth/login", content=content, headers={"content-type": "application/json"})

        assert (answer.status_code, answer.json()["code"]) == (status, code)

    @pytest.mark.parametrize(
        "content",
        [
            b'{"email": "a@example.com", "email": "b@example.com", "password": "x"}',
            b'{"email": "a@example.com", "\\u0065mail": "b@example.com", "password": "x"}',
            b'{"email": {"deep": [{"a": 1, "a": 1}]}, "password": "x"}',
        ],
    )
    def test_of_a_body_that_says_one_thing_twice(self, world: World, content: bytes) -> None:
        answer = world.api.call("POST", "/auth/login", content=content, headers={"content-type": "application/json"})

        assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)
        assert answer.json()["code"] == "json_duplicate_key"
        assert "email" not in answer.text

    @pytest.mark.parametrize("content", [b'{"email": "a", "email": ', b"[" * 60_000, b"9" * 5000])
    def test_what_is_no_json_at_all_is_refused_as_that(self, world: World, content: bytes) -> None:
        answer = world.api.call("POST", "/auth/login", content=content, headers={"content-type": "application/json"})

        assert answer.status_code == 400
        assert answer.json()["code"] in {"json_invalid", "bad_request"}

    def test_the_same_key_in_two_objects_is_no_fault(self, world: World) -> None:
        parts = b'{"parts": [{"part_number": 1, "etag": "a"}, {"part_number": 2, "etag": "b"}]}'
        answer = world.api.call("POST", "/auth/login", content=parts, headers={"content-type": "application/json"})

        assert answer.json()["code"] == "validation_failed"

    def test_a_form_is_no_json(self, world: World) -> None:
        answer = world.api.call("POST", "/auth/login", data={"email": "a@example.com", "password": "x"})

        assert answer.status_code == 422


class TestBodyLimit:
    def test_a_large_body_is_refused_before_it_is_read(self, world: World) -> None:
        answer = world.api.post("/auth/login", {"email": "x" * 70_000, "password": "x"})

        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")

    def test_nor_does_it_come_in_pieces(self, world: World) -> None:
        async def pieces() -> Any:
            for _ in range(70):
                yield b"x" * 1024

        assert world.api.call("POST", "/auth/login", content=pieces()).status_code == 413

    def test_a_normal_body_in_pieces_is_read(self, world: World) -> None:
        async def pieces() -> Any:
            yield b'{"email": "who@example.com", '
            yield b'"password": "whatever it is"}'

        answer = world.api.call("POST", "/auth/login", content=pieces(), headers={"content-type": "application/json"})

        assert answer.json()["code"] == "credentials_invalid"


class TestRequestId:
    def test_of_the_caller_is_kept(self, world: World) -> None:
        answer = world.api.get("//healthz", headers={"X-Request-Id": "from-the-caller-1"})

        assert answer.headers["x-request-id"] == "from-the-caller-1"

    @pytest.mark.parametrize("offered", ["short", "x" * 65, 'with "quotes" in it', "<script>alert</script>"])
    def test_that_is_odd_is_replaced(self, world: World, offered: str) -> None:
        answer = world.api.get("//healthz", headers={"X-Request-Id": offered})

        assert answer.headers["x-request-id"] not in {"", offered}


def test_every_answer_carries_safe_headers(world: World) -> None:
    for path in ("//healthz", "/nothing", "/docs"):
        headers = world.api.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "camera=()" in headers["permissions-policy"]
        assert headers["strict-transport-security"].startswith("max-age=31536000")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


class Broken:
    """An area whose routes fail in every way there is."""

    def __init__(self, runner: asyncio.Runner) -> None:
        router = APIRouter(prefix="/api/v1")
        failures: dict[str, Exception] = {
            "bug": ZeroDivisionError("the secret of our inside"),
            "ours": VezaError("the secret of our inside"),
            "store": StoreUnavailable("The database does not answer."),
            "gone": ObjectGone("The object is gone."),
            "media": MediaRejected(ReasonCode.CORRUPT),
        }
        for name, failure in failures.items():
            router.add_api_route(f"/{name}", self._raising(failure))
        app = create_app([router], services=(), logger=get_logger("broken"))
        self.client = ApiClient(app, runner)

    @staticmethod
    def _raising(failure: Exception) -> Any:
        def endpoint() -> None:
            raise failure

        return endpoint


@pytest.fixture
def broken(runner: asyncio.Runner) -> Iterator[ApiClient]:
    with Broken(runner).client as client:
        yield client


class TestFailures:
    @pytest.mark.parametrize("path", ["/bug", "/ours"])
    def test_of_ours_are_logged_and_never_shown(
        self, broken: ApiClient, path: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        answer = broken.get(path)

        assert (answer.status_code, answer.json()["code"]) == (500, "internal")
        assert "secret" not in answer.text
        assert answer.headers["content-type"] == PROBLEM
        assert answer.headers["x-content-type-options"] == "nosniff"
        failed = facts_of(caplog, "request_failed")
        assert [facts["request_id"] for facts in failed] == [answer.json()["request_id"]]
        assert "the secret of our inside" in caplog.text

    def test_outside_us_ask_to_come_back(self, broken: ApiClient) -> None:
        answer = broken.get("/store")

        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        assert answer.headers["retry-after"] == "5"

    @pytest.mark.parametrize(("path", "status"), [("/gone", 410), ("/media", 422)])
    def test_of_the_domain_have_their_status(self, broken: ApiClient, path: str, status: int) -> None:
        assert broken.get(path).status_code == status


def facts_of(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    return [vars(record) for record in caplog.records if record.getMessage() == event]


def test_the_access_log_holds_facts_and_no_secrets(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.api.post("/auth/login", {"email": "who@example.com", "password": "my secret phrase"})
    world.api.get("/tracks/0197a5c0-7b1e-7cc0-8000-3f2a9d4c5e6f?x=1")

    served = facts_of(caplog, "request_served")
    assert [(facts["method"], facts["route"], facts["status"]) for facts in served] == [
        ("POST", "/api/v1/auth/login", 401),
        ("GET", "/api/v1/tracks/{track_id}", 404),
    ]
    assert all(facts["duration_ms"] >= 0 for facts in served)
    assert "secret phrase" not in str(served)
    assert "who@example.com" not in str(served)
