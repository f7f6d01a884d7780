"""A small Veza in memory behind httpx.MockTransport: the API's wire shapes and a storage that keeps parts."""

import hashlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

API = "http://localhost:4566/_aws/execute-api/veza/$default/api/v1"
STORAGE = "http://uploads.s3.localhost:4566"
PART = 1024
READY: list[dict[str, Any]] = [
    {"state": "scanning", "progress": {"stage": "scanning", "percent": 50, "eta_s": 1}},
    {"state": "transcoding", "progress": {"stage": "transcoding", "percent": 40, "eta_s": 2}},
    {"state": "ready", "duration_ms": 3000},
]
REJECTED: list[dict[str, Any]] = [
    {"state": "rejected", "state_reason": {"code": "truncated", "message": "The file ends too early."}}
]
Rule = Callable[[httpx.Request], httpx.Response | None]


def track_id(number: int) -> str:
    return f"0197a5c0-7b1e-7cc0-8000-{number:012x}"


def refusal(status: int, code: str, detail: str) -> httpx.Response:
    body = {"type": f"urn:veza:problem:{code}", "title": code, "status": status, "code": code, "detail": detail}
    return httpx.Response(status, json={**body, "request_id": "req-1"})


@dataclass
class StoredUpload:
    id: str
    track_id: str
    announced: dict[str, Any]
    state: str = "open"
    parts: dict[int, bytes] = field(default_factory=dict)
    signature: int = 0

    @property
    def sizes(self) -> list[int]:
        full, rest = divmod(self.announced["size_bytes"], PART)
        return [PART] * full + ([rest] if rest else [])

    @property
    def content(self) -> bytes:
        return b"".join(self.parts[number] for number in sorted(self.parts))


class VezaServer:
    """`rules` are asked before anything else, in order; the first answer that is no None wins."""

    def __init__(self) -> None:
        self.uploads: dict[str, StoredUpload] = {}
        self.lives: dict[str, list[dict[str, Any]]] = {}
        self.fate: list[dict[str, Any]] = READY
        self.requests: list[httpx.Request] = []
        self.rules: list[Rule] = []
        self.refresh_token = "refresh-0"
        self.access_token = "access-0"
        self.second_factor = False
        self.single_put_max = PART
        self._lock = threading.Lock()

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    def puts(self) -> list[str]:
        """`upload/part` of every PUT that reached storage, sorted: parts arrive in any order."""
        return sorted(request.url.path.strip("/") for request in self.requests if request.method == "PUT")

    def asked(self, method: str, ending: str) -> int:
        return sum(r.method == method and r.url.path.endswith(ending) for r in self.requests)

    def answer(self, request: httpx.Request) -> httpx.Response:
        request.read()
        with self._lock:
            self.requests.append(request)
            for rule in self.rules:
                if (ruled := rule(request)) is not None:
                    return ruled
            if request.headers["Host"].startswith("uploads.s3."):
                return self._store(request)
            path = request.url.path.partition("/api/v1")[2]
            body = json.loads(request.content) if request.content else {}
            return self._auth(path, body) or self._signed_in(request, path, body)

    def _auth(self, path: str, body: dict[str, Any]) -> httpx.Response | None:  # noqa: PLR0911 — a table of routes
        match path:
            case "/auth/register":
                return httpx.Response(201, json={"user": {"id": "a", "username": body["username"]}})
            case "/auth/verify-email":
                return httpx.Response(200, json={"user": {"id": "a", "username": "ana"}})
            case "/auth/login" if body["password"] != "right horse":
                return refusal(401, "credentials_invalid", "The e-mail address or the password is wrong.")
            case "/auth/login" if self.second_factor and body.get("code") != "123456":
                return refusal(401, "code_wrong" if "code" in body else "second_factor_required", "A code, please.")
            case "/auth/login":
                return self._tokens()
            case "/auth/refresh" if body["refresh_token"] != self.refresh_token:
                return refusal(401, "refresh_reused", "This session was used from two places and is closed now.")
            case "/auth/refresh":
                number = int(self.refresh_token.rpartition("-")[2]) + 1
                self.refresh_token, self.access_token = f"refresh-{number}", f"access-{number}"
                return self._tokens()
            case "/auth/logout" | "/auth/logout-everywhere":
                return httpx.Response(204)
        return None

    def _tokens(self) -> httpx.Response:
        tokens = {"access_token": self.access_token, "refresh_token": self.refresh_token, "expires_in": 900}
        return httpx.Response(200, json={**tokens, "user": {"id": "a", "email": "ana@veza.test", "username": "ana"}})

    def _signed_in(self, request: httpx.Request, path: str, body: dict[str, Any]) -> httpx.Response:  # noqa: PLR0911
        if request.headers.get("Authorization") != f"Bearer {self.access_token}":
            return refusal(401, "token_expired", "The access token has expired.")
        if path == "/auth/me":
            return httpx.Response(200, json={"id": "a", "email": "ana@veza.test", "username": "ana"})
        if path == "/uploads":
            return self._announce(body)
        if found := re.match(r"^/uploads/([^/]+)(/\w+)?$", path):
            return self._upload(self.uploads[found[1]], found[2], body)
        if path == "/tracks":
            return self._list(request.url.params.get("cursor"))
        if found := re.match(r"^/tracks/([^/]+)(/\w+)?$", path):
            return self._track(found[1], found[2])
        return refusal(404, "route_not_found", "Not Found")

    # -- uploads ---------------------------------------------------------------------------------------------------

    def _announce(self, body: dict[str, Any]) -> httpx.Response:
        if not body["filename"].endswith((".wav", ".flac")):
            return refusal(422, "extension_unsupported", "Accepted file types are flac, wav.")
        known = [u for u in self.uploads.values() if u.announced["client_token"] == body["client_token"]]
        number = len(self.uploads) + 1
        upload = known[0] if known else StoredUpload(f"upload-{number}", track_id(number), body)
        self.uploads[upload.id] = upload
        if upload.track_id not in self.lives and not known:
            self.lives[upload.track_id] = [{"state": "draft"}]
        return httpx.Response(201, json=self._door(upload, range(1, len(upload.sizes) + 1)))

    def _door(self, upload: StoredUpload, numbers: Any) -> dict[str, Any]:
        answer: dict[str, Any] = {"upload_id": upload.id, "track_id": upload.track_id, "state": upload.state}
        if upload.state != "open":
            return answer
        if upload.announced["size_bytes"] <= self.single_put_max:
            headers = {"If-None-Match": "*"}
            return {**answer, "put": {"url": f"{STORAGE}/{upload.id}/1?s={upload.signature}", "headers": headers}}
        parts = [
            {
                "part_number": number,
                "size_bytes": upload.sizes[number - 1],
                "url": f"{STORAGE}/{upload.id}/{number}?s={upload.signature}",
                "headers": {},
            }
            for number in numbers
        ]
        return {**answer, "parts": parts}

    def _upload(self, upload: StoredUpload, action: str | None, body: dict[str, Any]) -> httpx.Response:
        if action == "/parts":
            return httpx.Response(200, json=self._door(upload, body.get("part_numbers") or []))
        if action == "/complete":
            if len(upload.parts) != len(upload.sizes) and upload.announced["size_bytes"] > self.single_put_max:
                return refusal(409, "upload_incomplete", "Parts are missing.")
            upload.state = "completed"
            self.lives[upload.track_id] = list(self.fate)
        stored = [{"part_number": n, "size_bytes": len(b), "etag": _etag(b)} for n, b in sorted(upload.parts.items())]
        return httpx.Response(200, json={"state": upload.state, "parts": stored if upload.state == "open" else []})

    def _store(self, request: httpx.Request) -> httpx.Response:
        upload_id, _, number = request.url.path.strip("/").partition("/")
        upload = self.uploads[upload_id]
        if request.url.params["s"] != str(upload.signature):
            return httpx.Response(403, text="<Error><Code>AccessDenied</Code></Error>")
        if upload.state != "open":
            return httpx.Response(404)
        if request.headers.get("If-None-Match") and upload.parts:
            return httpx.Response(412)
        upload.parts[int(number)] = request.content
        return httpx.Response(200, headers={"ETag": _etag(request.content)})

    # -- tracks ----------------------------------------------------------------------------------------------------

    def _track(self, wanted: str, action: str | None) -> httpx.Response:
        if wanted not in self.lives:
            return refusal(404, "track_not_found", "There is no such track.")
        if action == "/stream":
            media = f"http://d1.cloudfront.localhost:4566/media/t/{wanted}"
            ticket = {"hls_url": f"{media}/master.m3u8", "download_url": f"{media}/download.mp3"}
            return httpx.Response(200, json={**ticket, "renew_after_s": 600, "gain_db": -3.5})
        if action == "/retry":
            self.lives[wanted] = list(self.fate)
        life = self.lives[wanted]
        look = life.pop(0) if len(life) > 1 else life[0]
        return httpx.Response(200, json=self._view(wanted, look))

    def _list(self, cursor: str | None) -> httpx.Response:
        ids, start = sorted(self.lives, reverse=True), int(cursor or 0)
        page = [self._view(found, self.lives[found][-1]) for found in ids[start : start + 2]]
        return httpx.Response(
            200, json={"items": page, "next_cursor": str(start + 2) if start + 2 < len(ids) else None}
        )

    def _view(self, wanted: str, look: dict[str, Any]) -> dict[str, Any]:
        blank = {"state_reason": None, "progress": None, "created_at": "2026-11-20T10:00:00Z", "size_bytes": 2048}
        return {"id": wanted, "title": "Night Drive", "filename": "night.wav", "tags": {}, **blank, **look}


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest()}"'
