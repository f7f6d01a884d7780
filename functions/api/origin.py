"""Where a request comes from: device, address and place.

The gateway sees the address of whoever dialled it, which behind the CDN is the CDN's. What the CDN says of the viewer
(CloudFront-Viewer-Address and its kin) counts only together with the secret it shares with us, as anybody can dial the
gateway and write such headers. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
"""

import hmac
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import unquote

from fastapi import Depends, Request

from api.dependencies import provided
from api.devices import device_of
from core.domain.sessions import Origin

EDGE_HEADER: Final = "x-veza-edge"
PLACE_MAX: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`secret` is what the CDN sends along with every request."""

    secret: Callable[[], str]

    def vouches_for(self, headers: Mapping[str, str]) -> bool:
        told = headers.get(EDGE_HEADER)
        return told is not None and hmac.compare_digest(told.encode(), self.secret().encode())


def origin_of(request: Request, edge: Annotated[Edge, Depends(provided(Edge))]) -> Origin:
    headers = request.headers
    device = device_of(headers.get("user-agent", ""))
    if not edge.vouches_for(headers):
        return Origin(address=_dialler(request), device=device, place="")
    viewer, _, _port = headers.get("cloudfront-viewer-address", "").rpartition(":")
    return Origin(address=_address(viewer) or _dialler(request), device=device, place=_place(headers))


def _dialler(request: Request) -> str:
    event: Mapping[str, Any] = request.scope.get("aws.event") or {}
    http = event.get("requestContext", {}).get("http", {})
    return _address(http.get("sourceIp", "")) or (request.client.host if request.client else "")


def _address(text: str) -> str:
    """`text` in the one form an address has, so that it can be compared; empty for what is none."""
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        return ""


def _place(headers: Mapping[str, str]) -> str:
    parts = (headers.get(f"cloudfront-viewer-{part}", "") for part in ("city", "country"))
    return ", ".join(unquote(part) for part in parts if part)[:PLACE_MAX]


RequestOrigin = Annotated[Origin, Depends(origin_of)]
