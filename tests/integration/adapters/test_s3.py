from http import HTTPStatus

import httpx
import pytest

from core.ports.storage import ObjectStore, SignedRequest
from tests.contract.object_store import ObjectStoreContract, UnversionedBucketContract
from tests.contract.on_aws import OnS3, OnS3CopyingByParts, OnS3Door
from tests.contract.upload_door import (
    AbortedUploadContract,
    Send,
    SentBytesContract,
    SignedHeadersContract,
    UploadDoorContract,
)


class TestS3ObjectStore(OnS3, ObjectStoreContract, UnversionedBucketContract):
    pass


class TestS3CopyingByParts(OnS3CopyingByParts, ObjectStoreContract):
    def test_a_copy_of_several_parts_is_whole(self, store: ObjectStore, bucket: str, other_bucket: str) -> None:
        body = b"".join(bytes([n]) * 1024 * 1024 for n in range(12)) + b"end"
        copy = store.copy(self.put(store, bucket, "song", body), other_bucket, "copy")
        assert store.read_range(copy, 0, len(body) + 1) == body


class TestS3UploadDoor(OnS3Door, UploadDoorContract, AbortedUploadContract, SignedHeadersContract, SentBytesContract):
    @pytest.fixture
    def send(self, http: httpx.Client) -> Send:
        """A client of the upload; Content-Length is what it really sends."""

        def send(request: SignedRequest, body: bytes, changed: dict[str, str]) -> HTTPStatus:
            headers = {**request.headers, "Content-Length": str(len(body)), **changed}
            return HTTPStatus(http.put(request.url, content=body, headers=headers).status_code)

        return send
