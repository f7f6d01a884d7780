"""A small mirror of virus definitions on loopback, for the real freshclam to quarrel with."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(kw_only=True)
class Mirror:
    """Serves `files` by name, each with its checksum beside it as `sha256sum` writes it, until told to do otherwise."""

    port: int
    files: dict[str, bytes] = field(default_factory=dict)
    status: int = 200
    """Other than 200: the answer to everything."""
    headers: dict[str, str] = field(default_factory=dict)
    """Sent with everything."""
    halved: bool = False
    """Files end after half of what was announced."""
    silent: bool = False
    """Takes questions and does not answer."""
    checksums: dict[str, str] = field(default_factory=dict)
    """Told in place of the right ones; an empty one is not there."""
    asked: list[str] = field(default_factory=list)
    """Names of the files that were asked for."""
    closing: threading.Event = field(default_factory=threading.Event)

    def url(self, name: str = "") -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def setting(self) -> str:
        """`definitions_mirror` for all files."""
        return " ".join(self.url(name) for name in sorted(self.files))

    def content(self, name: str) -> bytes | None:
        base = name.removesuffix(".sha256")
        if name == base or base not in self.files:
            return self.files.get(name)
        told = self.checksums.get(base, hashlib.sha256(self.files[base]).hexdigest())
        return f"{told}  {base}\n".encode() if told else None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    mirror: Mirror

    def do_GET(self) -> None:
        mirror, name = self.mirror, self.path.removeprefix("/")
        mirror.asked.append(name)
        if mirror.silent:
            mirror.closing.wait()
            self.close_connection = True
            return
        content = mirror.content(name)
        status = mirror.status if mirror.status != 200 or content is not None else 404
        body = content if status == 200 and content is not None else b"no\n"
        with suppress(ConnectionError):  # freshclam hangs up when it has heard enough
            self.send_response(status)
            for header, value in {"Content-Length": str(len(body)), **mirror.headers}.items():
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if mirror.halved and status == 200 else body)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name for it
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    """Closing waits for whoever still answers, so that every socket is closed by its owner."""


@contextmanager
def running_mirror() -> Iterator[Mirror]:
    """On a free port, in a thread of its own, until the block ends."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        mirror = Mirror(port=server.server_port)
        server.RequestHandlerClass = type("Handler", (_Handler,), {"mirror": mirror})
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield mirror
        finally:
            mirror.closing.set()
            server.shutdown()
            thread.join()
