"""Where a request comes from: the CDN is believed, but only the CDN."""

from typing import Any

import pytest
from fastapi import Request

from api.origin import EDGE_HEADER, Edge, origin_of

EDGE = Edge(secret=lambda: "the edge's secret")
VOUCHED = {EDGE_HEADER: "the edge's secret"}


def a_request(headers: dict[str, str], source_ip: str = "192.0.2.1") -> Request:
    scope: dict[str, Any] = {
        "type": "http",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "aws.event": {"requestContext": {"http": {"sourceIp": source_ip}}},
    }
    return Request(scope)


@pytest.mark.parametrize(
    ("viewer", "address"),
    [
        ("198.51.100.10:46532", "198.51.100.10"),
        ("2001:db8:0:0::7:443", "2001:db8::7"),
        ("[2001:DB8::7]:443", "2001:db8::7"),
    ],
)
def test_the_cdn_tells_who_the_viewer_is(viewer: str, address: str) -> None:
    assert origin_of(a_request({**VOUCHED, "CloudFront-Viewer-Address": viewer}), EDGE).address == address


@pytest.mark.parametrize("secret", ["", "a guess", "the edge's secret "])
def test_who_does_not_know_the_secret_is_not_believed(secret: str) -> None:
    forged = {
        EDGE_HEADER: secret,
        "CloudFront-Viewer-Address": "198.51.100.10:1",
        "CloudFront-Viewer-City": "Lyon",
        "X-Forwarded-For": "198.51.100.10",
    }

    found = origin_of(a_request(forged), EDGE)

    assert (found.address, found.place) == ("192.0.2.1", "")


def test_without_the_gateway_the_socket_tells() -> None:
    assert origin_of(a_request({}, source_ip=""), EDGE).address == "127.0.0.1"


@pytest.mark.parametrize("viewer", ["", "nonsense", ":443", "198.51.100.999:1"])
def test_a_viewer_that_is_no_address_falls_back(viewer: str) -> None:
    assert origin_of(a_request({**VOUCHED, "CloudFront-Viewer-Address": viewer}), EDGE).address == "192.0.2.1"


def test_the_place_is_readable() -> None:
    headers = {**VOUCHED, "CloudFront-Viewer-City": "M%C3%BCnchen", "CloudFront-Viewer-Country": "DE"}

    assert origin_of(a_request(headers), EDGE).place == "München, DE"
    assert origin_of(a_request({**VOUCHED, "CloudFront-Viewer-Country": "DE"}), EDGE).place == "DE"
