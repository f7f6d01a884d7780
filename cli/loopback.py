"""Names below `.localhost` are this machine (RFC 6761 §6.3), though plain glibc does not resolve them."""

from urllib.parse import urlsplit, urlunsplit

import httpx

LOOPBACK = "127.0.0.1"


def is_loopback_name(host: str) -> bool:
    """Whether `host` must be dialled on loopback instead of being looked up."""
    return host.rstrip(".").lower().endswith(".localhost")


class LoopbackTransport(httpx.BaseTransport):
    """Dials 127.0.0.1 for `*.localhost`; the Host header and TLS server name stay what the URL says."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if not is_loopback_name(host):
            return self._inner.handle_request(request)
        dialled = httpx.Request(
            request.method,
            request.url.copy_with(host=LOOPBACK),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return self._inner.handle_request(dialled)

    def close(self) -> None:
        self._inner.close()


def dialable(url: str) -> tuple[str, str | None]:
    """The URL another program can open, and the Host header it must send with it (None: none)."""
    parts = urlsplit(url)
    if not is_loopback_name(parts.hostname or ""):
        return url, None
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(parts._replace(netloc=f"{LOOPBACK}{port}")), parts.netloc
