"""People as the deployed system meets them: HTTP alone, nothing imported from functions/."""

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from dev.account import AccountDoor, SignedIn
from tests.cloud import Cloud, loopback_client

PATIENCE_S = 180
"""Far above what anything takes; only a broken pipeline waits so long. No test asserts a time."""


SIGNED_IN_S = 600
"""Access tokens live fifteen minutes."""


@dataclass(frozen=True, kw_only=True)
class Artist:
    """A verified account, signed in."""

    cloud: Cloud
    http: httpx.Client
    """Dials the API with the account's bearer token."""
    account_id: str
    email: str

    def call(self, method: str, path: str, **body: Any) -> httpx.Response:
        return self.http.request(method, f"{self.cloud.api_url}{path}", json=body or None)

    def announce(self, filename: str, data: bytes, **more: Any) -> dict[str, Any]:
        sha256 = hashlib.sha256(data).hexdigest()
        answer = self.call("POST", "/uploads", filename=filename, size_bytes=len(data), sha256=sha256, **more)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def send(self, upload: dict[str, Any], data: bytes) -> httpx.Response:
        """The bytes straight to storage, with exactly the headers that were signed."""
        if upload["strategy"] == "put":
            return self.cloud.http.put(upload["put"]["url"], content=data, headers=upload["put"]["headers"])
        parts, at = [], 0
        for part in upload["parts"]:
            chunk = data[at : at + part["size_bytes"]]
            sent = self.cloud.http.put(part["url"], content=chunk, headers=part["headers"])
            assert sent.status_code == 200, sent.text
            parts.append({"part_number": part["part_number"], "etag": sent.headers["etag"]})
            at += len(chunk)
        return self.call("POST", f"/uploads/{upload['upload_id']}/complete", parts=parts)

    def upload(self, filename: str, data: bytes) -> str:
        """Announces and sends a file; returns the id of its track."""
        upload = self.announce(filename, data)
        sent = self.send(upload, data)
        assert sent.status_code == 200, sent.text
        if upload["strategy"] == "put":
            told = self.call("POST", f"/uploads/{upload['upload_id']}/complete")
            assert told.status_code == 200, told.text
        return str(upload["track_id"])

    def track(self, track_id: str) -> dict[str, Any]:
        answer = self.call("GET", f"/tracks/{track_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def wait_for(self, track_id: str, *states: str) -> dict[str, Any]:
        """The track once it is in one of `states`; fails with the track as it is when it ends in another."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            track = self.track(track_id)
            if track["state"] in states:
                return track
            assert track["state"] not in {"ready", "rejected", "failed"}, track
            time.sleep(0.3)
        raise AssertionError(f"still {track['state']} after {PATIENCE_S} s: {track}")

    def ticket(self, track_id: str) -> dict[str, Any]:
        answer = self.call("POST", f"/tracks/{track_id}/stream")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def checksum_header(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


class StaysSignedIn(httpx.Auth):
    """A bearer token, and the next one before it ends: a suite may last longer than it. May be shared by threads."""

    def __init__(self, accounts: AccountDoor, user: SignedIn) -> None:
        self._accounts, self._user, self._since = accounts, user, time.monotonic()
        self._lock = threading.Lock()

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        with self._lock:
            if time.monotonic() - self._since > SIGNED_IN_S:
                self._user, self._since = self._accounts.sign_in(self._user.person), time.monotonic()
        request.headers.update(self._user.headers)
        yield request


@contextmanager
def signed_in(cloud: Cloud) -> Iterator[Artist]:
    """Somebody new."""
    user = cloud.register_verified_user()
    with loopback_client() as client:
        client.auth = StaysSignedIn(cloud.accounts, user)
        yield Artist(cloud=cloud, http=client, account_id=user.account_id, email=user.person.email)


@pytest.fixture(scope="session")
def artist(cloud: Cloud) -> Iterator[Artist]:
    with signed_in(cloud) as somebody:
        yield somebody


@pytest.fixture(scope="session")
def stranger(cloud: Cloud) -> Iterator[Artist]:
    with signed_in(cloud) as somebody:
        yield somebody
