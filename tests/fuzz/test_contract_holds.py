"""Whatever is sent to any route of the deployed API, the answer is what its contract says: no fault, no other shape.

Schemathesis reads docs/openapi.json and makes requests of it, good and bad: a few for each route, fifty at length.
"""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, CheckFunction, Response
from schemathesis.specs.openapi.checks import positive_data_acceptance

from dev.paths import ROOT
from tests.cloud import Cloud, new_person

CONTRACT = schemathesis.openapi.from_dict(json.loads((ROOT / "docs" / "openapi.json").read_text()))
FEW_OR_MANY = settings(
    max_examples=50 if settings.get_current_profile_name() == "deep" else 3,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
GATEWAY_TIMEOUT_S = 30.0
"""API Gateway's own: what takes longer it answers with a 504, which no contract says."""
OURS_TO_REFUSE: list[CheckFunction] = [positive_data_acceptance]
"""A body that fits its schema may still break a rule of ours, such as a username that is taken: 422 or 409."""


def send(case: Case[Any], cloud: Cloud, headers: dict[str, Any]) -> None:
    base = cloud.api_url.removesuffix("/api/v1")
    answer = case.call(base_url=base, headers=headers, timeout=GATEWAY_TIMEOUT_S, allow_redirects=False)
    if not is_of_the_gateway(answer):
        case.validate_response(answer, excluded_checks=OURS_TO_REFUSE)


def is_of_the_gateway(answer: Response) -> bool:
    """MiniStack's gateway has no route for a path with a line break; ours never hear of it."""
    return "%0A" in str(answer.request.url) and answer.json() == {"message": "Not Found"}


@pytest.fixture
def somebody(cloud: Cloud) -> dict[str, str]:
    """Headers of somebody new: what a route does to an account must not end the next route's test."""
    return cloud.accounts.ensure(new_person())[0].headers


@CONTRACT.parametrize()
@FEW_OR_MANY
def test_nobody_gets_anything_but_what_the_contract_says(case: Case[Any], cloud: Cloud) -> None:
    send(case, cloud, {})


@CONTRACT.parametrize()
@FEW_OR_MANY
def test_somebody_gets_nothing_but_what_the_contract_says(
    case: Case[Any], cloud: Cloud, somebody: dict[str, str]
) -> None:
    send(case, cloud, somebody)
