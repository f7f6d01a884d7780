"""What a LocalStack plan lacks is said before a deploy starts."""

import pytest

from dev.localstack import NEEDED, PAID, Plan, lacks


def plan(states: dict[str, str] | None = None, *, licensed: bool = True, edition: str = "pro") -> Plan:
    services = dict.fromkeys(NEEDED, "available") | (states or {})
    return Plan(edition=edition, version="2026.10", licensed=licensed, services=services)


def test_a_plan_with_everything_lacks_nothing() -> None:
    assert lacks(plan()) == []


def test_running_is_as_good_as_available() -> None:
    assert lacks(plan({"s3": "running"})) == []


@pytest.mark.parametrize("service", sorted(NEEDED))
def test_a_disabled_service_is_named_with_what_it_means(service: str) -> None:
    (sentence,) = lacks(plan({service: "disabled"}))
    assert service in sentence
    assert NEEDED[service] in sentence


@pytest.mark.parametrize("free", [plan(licensed=False), plan(edition="community")])
def test_the_free_plan_is_told_apart_though_it_lists_the_services(free: Plan) -> None:
    assert [sentence.split(" needs")[0] for sentence in lacks(free)] == list(PAID)
