"""The HTTP API's routes against the application's: each path of ours reaches the function that mounts it."""

import json
import re
from fnmatch import fnmatchcase

import pytest

from infra.packages import REPOSITORY
from infra.routes import API, ROUTES
from tests.infra.synthesis import Resource, Synthesis, text_of

SOCKET_ROUTES = {"$connect", "$default", "$disconnect"}
DOCUMENT = REPOSITORY / "docs" / "openapi.json"


def stage_of(aws: Synthesis, name: str) -> Resource:
    (stage,) = [stage for stage in aws.properties("AWS::ApiGatewayV2::Stage") if stage["StageName"] == name]
    return stage


def answering(path: str) -> list[str]:
    """The areas one of whose routes takes `path`; `{proxy+}` is one segment or more."""
    return [
        area
        for area, routes in ROUTES.items()
        if any(fnmatchcase(path, re.sub(r"\{proxy\+\}", "?*", route)) for route in routes)
    ]


def test_every_documented_path_has_exactly_one_function() -> None:
    paths = [
        path if path.startswith(("/api", "/healthz", "/readyz", "/.well-known")) else API + path
        for path in json.loads(DOCUMENT.read_text())["paths"]
    ]
    assert paths
    assert {path: answering(path) for path in paths if len(answering(path)) != 1} == {}


def test_every_route_is_deployed(aws: Synthesis) -> None:
    deployed = {route["RouteKey"] for route in aws.properties("AWS::ApiGatewayV2::Route")} - SOCKET_ROUTES
    assert deployed == {f"ANY {path}" for routes in ROUTES.values() for path in routes}


def test_api_is_throttled_and_sign_in_harder(aws: Synthesis) -> None:
    stage = stage_of(aws, "$default")
    assert stage["DefaultRouteSettings"] == {"ThrottlingBurstLimit": 2000, "ThrottlingRateLimit": 1000}
    (sign_in,) = stage["RouteSettings"].values()
    assert sign_in["ThrottlingRateLimit"] < 1000


@pytest.mark.parametrize("private", ["ip", "path", "email", "authorization"])
def test_access_log_names_no_person(private: str, aws: Synthesis) -> None:
    stage = stage_of(aws, "$default")
    assert private not in stage["AccessLogSettings"]["Format"].lower()


def test_a_socket_hears_everything_and_answers_what_is_said(aws: Synthesis) -> None:
    routes = [it for it in aws.properties("AWS::ApiGatewayV2::Route") if it["RouteKey"] in SOCKET_ROUTES]
    doors = {text_of(it["ApiId"]) for it in routes}
    assert len(doors) == 2
    for door in doors:
        of_door = {it["RouteKey"]: it for it in routes if text_of(it["ApiId"]) == door}
        assert set(of_door) == SOCKET_ROUTES
        assert of_door["$default"]["RouteResponseSelectionExpression"] == "$default"
    assert len(aws.properties("AWS::ApiGatewayV2::RouteResponse")) == 2
    live = [stage for stage in aws.properties("AWS::ApiGatewayV2::Stage") if stage["StageName"] == "live"]
    assert [stage["DefaultRouteSettings"]["ThrottlingRateLimit"] for stage in live] == [5000, 5000]
