"""An answer arrives at CloudFormation's address as it must: PUT, no content type, the request's names echoed."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from schedules import cloudformation


@dataclass
class Door:
    url: str = ""
    status: int = 200
    answers: list[tuple[str, str | None, dict[str, Any]]] = field(default_factory=list)


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            door.answers.append((self.path, self.headers["Content-Type"], json.loads(body)))
            self.send_response(door.status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """Tests stay quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        door.url = f"http://127.0.0.1:{server.server_port}/answer?signed=1"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield door
        server.shutdown()
        thread.join()


def asked(door: Door) -> dict[str, Any]:
    names = {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "SigningKey"}
    return {"RequestType": "Create", "ResponseURL": door.url, **names}


def test_success_echoes_who_asked(door: Door) -> None:
    cloudformation.succeed(asked(door), "signing-key", {"kid": "k1"})
    ((path, content_type, answer),) = door.answers
    assert (path, content_type) == ("/answer?signed=1", "")
    assert answer == {
        "Status": "SUCCESS",
        "PhysicalResourceId": "signing-key",
        "Data": {"kid": "k1"},
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "SigningKey",
    }


def test_failure_says_why_and_stays_small(door: Door) -> None:
    cloudformation.fail(asked(door), "signing-key", "because " * 1000)
    ((_, _, answer),) = door.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("because")
    assert len(json.dumps(answer)) < 4096


def test_an_answer_that_does_not_arrive_is_an_error(door: Door) -> None:
    door.status = 403
    with pytest.raises(OSError, match="403"):
        cloudformation.succeed(asked(door), "signing-key", {})
