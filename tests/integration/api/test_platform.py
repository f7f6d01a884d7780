"""Health, readiness with the name of what failed, and the contract."""

import json

import pytest

from core.domain.ids import EpochSeconds
from core.store.health import HealthReport
from tests.builders import NOW
from tests.integration.api.world import World

HOUR = 3600


def checks(world: World, *, status: int) -> dict[str, str]:
    """Detail by name of the checks that failed."""
    answer = world.api.get("//readyz")
    assert answer.status_code == status, answer.text
    assert answer.json()["status"] == ("ready" if status == 200 else "not_ready")
    return {check["name"]: check["detail"] for check in answer.json()["checks"] if not check["ok"]}


@pytest.mark.parametrize("path", ["//healthz", "/healthz"])
def test_alive(world: World, path: str) -> None:
    answer = world.api.get(path)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


class TestReady:
    @pytest.mark.parametrize("path", ["//readyz", "/readyz"])
    def test_names_every_part(self, world: World, path: str) -> None:
        world.publish_definitions(built_at=NOW - HOUR)

        answer = world.api.get(path)

        assert answer.status_code == 200
        assert [check["name"] for check in answer.json()["checks"]] == [
            "accounts",
            "catalogue",
            "uploads",
            "media",
            "definitions",
            "scan",
        ]

    def test_a_scan_that_never_ran_is_no_fault(self, world: World) -> None:
        world.publish_definitions(built_at=NOW)

        assert checks(world, status=200) == {}

    def test_not_without_definitions(self, world: World) -> None:
        assert checks(world, status=503) == {"definitions": "no virus definitions are published, so uploads wait"}

    def test_not_with_old_definitions(self, world: World) -> None:
        world.publish_definitions(built_at=NOW - 49 * HOUR)

        failed = checks(world, status=503)

        assert list(failed) == ["definitions"]
        assert "49 h old: older than 48 h" in failed["definitions"]

    def test_not_with_a_broken_pointer(self, world: World) -> None:
        world.publish_definitions(text="{}")

        assert list(checks(world, status=503)) == ["definitions"]

    def test_not_while_the_scan_says_that_clamd_is_down(self, world: World) -> None:
        world.publish_definitions(built_at=NOW)
        world.health.report(HealthReport(part="scan", ok=False, detail="clamd does not answer", facts={}, at=NOW))

        assert checks(world, status=503) == {"scan": "clamd does not answer (0 min ago)"}

    def test_an_old_complaint_of_the_scan_is_no_news(self, world: World) -> None:
        world.publish_definitions(built_at=NOW)
        before = EpochSeconds(NOW - 2 * HOUR)
        world.health.report(HealthReport(part="scan", ok=False, detail="clamd does not answer", facts={}, at=before))

        assert checks(world, status=200) == {}

    def test_not_without_a_table(self, world: World) -> None:
        world.publish_definitions(built_at=NOW)
        world.lose_accounts()

        assert list(checks(world, status=503)) == ["accounts"]

    def test_not_while_storage_is_down_and_asks_the_rest_all_the_same(self, world: World) -> None:
        world.storage_goes_down()

        assert set(checks(world, status=503)) == {"uploads", "media", "definitions"}

    def test_answers_again_from_memory_for_a_few_seconds(self, world: World) -> None:
        checks(world, status=503)
        world.publish_definitions(built_at=NOW)

        checks(world, status=503)
        world.clock.advance(5)
        checks(world, status=200)


class TestContract:
    def test_the_document_is_served(self, world: World) -> None:
        answer = world.api.get("/openapi.json")

        assert answer.status_code == 200
        assert answer.json()["openapi"].startswith("3.")
        assert "/api/v1/uploads" in json.dumps(answer.json()["paths"])

    def test_the_page_is_plain_html(self, world: World) -> None:
        answer = world.api.get("/docs")

        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "/api/v1/uploads" in answer.text
