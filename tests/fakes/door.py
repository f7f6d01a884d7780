"""A door that opens on a FakeObjectStore; tests play the client with `send`."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count

from core.domain.errors import Conflict, InvalidInput
from core.domain.ids import Bytes
from core.ports.storage import SignedRequest, StoredPart
from tests.fakes.faults import Breakable
from tests.fakes.objects import FakeObjectStore


@dataclass(slots=True, kw_only=True)
class _Multipart:
    key: str
    content_type: str
    parts: dict[int, bytes] = field(default_factory=dict)


class FakeUploadDoor(Breakable):
    """URLs are `https://uploads.invalid/{key}[?{multipart_id}&{part_number}]`; they don't expire."""

    def __init__(self, store: FakeObjectStore | None = None, bucket: str = "uploads") -> None:
        self.store = store if store is not None else FakeObjectStore()
        self.bucket = bucket
        self.open: dict[str, _Multipart] = {}
        """Multipart uploads neither completed nor aborted, by id."""
        self._numbers = count(1)
        self._signed: dict[str, SignedRequest] = {}

    def send(self, request: SignedRequest, body: bytes, **changed_headers: str) -> HTTPStatus:
        """What storage answers a client that sends `body` with the signed headers, or with some of them changed."""
        headers = {**request.headers, "Content-Length": str(len(body)), **changed_headers}
        if headers != self._signed[request.url].headers:
            return HTTPStatus.FORBIDDEN
        key, _, query = request.url.removeprefix("https://uploads.invalid/").partition("?")
        if query:
            multipart_id, _, number = query.partition("&")
            return self._store_part(multipart_id, int(number), body)
        return self._store(key, body, headers)

    def sign_put(
        self, key: str, *, size_bytes: Bytes, content_type: str, sha256: str | None, expires_s: int
    ) -> SignedRequest:
        headers = {"Content-Length": str(size_bytes), "Content-Type": content_type, "If-None-Match": "*"}
        if sha256 is not None:
            headers["x-amz-checksum-sha256"] = base64.b64encode(bytes.fromhex(sha256)).decode()
        return self._sign(f"https://uploads.invalid/{key}", headers)

    def start_multipart(self, key: str, *, content_type: str) -> str:
        self._reach()
        multipart_id = f"multipart-{next(self._numbers)}"
        self.open[multipart_id] = _Multipart(key=key, content_type=content_type)
        return multipart_id

    def sign_part(
        self, key: str, multipart_id: str, part_number: int, *, size_bytes: Bytes, expires_s: int
    ) -> SignedRequest:
        url = f"https://uploads.invalid/{key}?{multipart_id}&{part_number}"
        return self._sign(url, {"Content-Length": str(size_bytes)})

    def list_parts(self, key: str, multipart_id: str) -> list[StoredPart]:
        self._reach()
        upload = self.open.get(multipart_id)
        if upload is None:
            return []
        return [
            StoredPart(part_number=number, etag=_etag(body), size_bytes=Bytes(len(body)))
            for number, body in sorted(upload.parts.items())
        ]

    def complete_multipart(self, key: str, multipart_id: str, parts: Sequence[tuple[int, str]]) -> None:
        self._reach()
        if not parts:
            raise _parts_mismatch()
        upload = self.open.get(multipart_id)
        if upload is None:
            if not self._is_stored(key):
                raise Conflict("The upload is closed.", code="upload_closed")
            return
        numbers = [number for number, _ in parts]
        stored = {number: _etag(body) for number, body in upload.parts.items()}
        if numbers != sorted(set(numbers)) or any(stored.get(number) != etag.strip('"') for number, etag in parts):
            raise _parts_mismatch()
        del self.open[multipart_id]
        self.store.add(self.bucket, key, b"".join(upload.parts[number] for number in numbers), upload.content_type)

    def abort_multipart(self, key: str, multipart_id: str) -> None:
        self._reach()
        self.open.pop(multipart_id, None)

    def _sign(self, url: str, headers: dict[str, str]) -> SignedRequest:
        self._signed[url] = SignedRequest(url=url, headers=headers)
        return self._signed[url]

    def _store(self, key: str, body: bytes, headers: dict[str, str]) -> HTTPStatus:
        if self._is_stored(key):
            return HTTPStatus.PRECONDITION_FAILED
        announced = headers.get("x-amz-checksum-sha256")
        if announced not in (None, base64.b64encode(hashlib.sha256(body).digest()).decode()):
            return HTTPStatus.BAD_REQUEST
        self.store.add(self.bucket, key, body, headers["Content-Type"])
        return HTTPStatus.OK

    def _store_part(self, multipart_id: str, number: int, body: bytes) -> HTTPStatus:
        if multipart_id not in self.open:
            return HTTPStatus.NOT_FOUND
        self.open[multipart_id].parts[number] = body
        return HTTPStatus.OK

    def _is_stored(self, key: str) -> bool:
        return any((obj.bucket, obj.key) == (self.bucket, key) for obj in self.store.versions)


class FakeDownloadDoor(Breakable):
    """URLs are `https://{bucket}.invalid/{key}?{filename}&{content_type}&{expires_s}`, with `&inline` if they are."""

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket

    def sign_get(self, key: str, *, filename: str, content_type: str, expires_s: int, inline: bool = False) -> str:
        self._reach()
        query = [filename, content_type, str(expires_s), *(["inline"] if inline else [])]
        return f"https://{self.bucket}.invalid/{key}?{'&'.join(query)}"


def _etag(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def _parts_mismatch() -> InvalidInput:
    return InvalidInput("The parts in storage are not the ones listed.", code="parts_mismatch", field="parts")
