from http import HTTPStatus

import pytest

from core.domain.ids import Bytes
from core.ports.storage import SignedRequest
from tests.contract.on_aws import OnS3Door
from tests.contract.upload_door import (
    AbortedUploadContract,
    Send,
    SentBytesContract,
    SignedHeadersContract,
    StorePart,
    UploadDoorContract,
)
from tests.fakes.door import FakeUploadDoor
from tests.fakes.objects import FakeObjectStore


class TestFake(UploadDoorContract, AbortedUploadContract, SentBytesContract):
    @pytest.fixture
    def store(self) -> FakeObjectStore:
        return FakeObjectStore()

    @pytest.fixture
    def bucket(self) -> str:
        return "uploads"

    @pytest.fixture
    def door(self, store: FakeObjectStore, bucket: str) -> FakeUploadDoor:
        return FakeUploadDoor(store, bucket)

    @pytest.fixture
    def send(self, door: FakeUploadDoor) -> Send:
        def send(request: SignedRequest, body: bytes, changed: dict[str, str]) -> HTTPStatus:
            return door.send(request, body, **changed)

        return send

    @pytest.fixture
    def store_part(self, door: FakeUploadDoor) -> StorePart:
        def store_part(key: str, multipart_id: str, number: int, body: bytes) -> None:
            request = door.sign_part(key, multipart_id, number, size_bytes=Bytes(len(body)), expires_s=60)
            assert door.send(request, body) is HTTPStatus.OK

        return store_part


class TestS3(OnS3Door, UploadDoorContract, SignedHeadersContract):
    """moto checks no signatures: what the door lets in is seen on MiniStack, in tests/integration/adapters."""
