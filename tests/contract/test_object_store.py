from collections.abc import Iterator

import pytest

from core.adapters import clients
from core.domain.errors import StorageUnavailable
from core.ports.storage import ObjectStore
from tests.contract.object_store import ObjectStoreContract, UnversionedBucketContract
from tests.contract.on_aws import OnS3, OnS3CopyingByParts
from tests.fakes.objects import FakeObjectStore


class TestFake(ObjectStoreContract):
    @pytest.fixture
    def store(self) -> FakeObjectStore:
        return FakeObjectStore()

    @pytest.fixture
    def broken(self, store: FakeObjectStore) -> FakeObjectStore:
        store.fault = StorageUnavailable("Storage can't answer at the moment.")
        return store

    @pytest.fixture
    def bucket(self) -> str:
        return "uploads"

    @pytest.fixture
    def other_bucket(self) -> str:
        return "originals"


class TestS3(OnS3, ObjectStoreContract, UnversionedBucketContract):
    def test_headers_are_stored_and_empty_ones_are_not(self, store: ObjectStore, bucket: str) -> None:
        store.put(bucket, "a", b"x", content_type="text/css", cache_control="immutable", content_encoding="gzip")
        store.put_stream(
            bucket,
            "b",
            [bytes(6 * 1024 * 1024)],
            content_type="audio/mpeg",
            cache_control="immutable",
            content_disposition="attachment",
        )
        store.put(bucket, "c", b"x", content_type="text/plain")
        heads = [clients.s3().head_object(Bucket=bucket, Key=key) for key in ("a", "b", "c")]
        stored = [
            (head["ContentType"], head.get("CacheControl"), head.get("ContentEncoding"), head.get("ContentDisposition"))
            for head in heads
        ]
        assert stored == [
            ("text/css", "immutable", "gzip", None),
            ("audio/mpeg", "immutable", None, "attachment"),
            ("text/plain", None, None, None),
        ]

    def test_a_broken_stream_leaves_no_parts(self, store: ObjectStore, bucket: str) -> None:
        def breaking() -> Iterator[bytes]:
            yield bytes(6 * 1024 * 1024)
            raise RuntimeError("ffmpeg died")

        with pytest.raises(RuntimeError):
            store.put_stream(bucket, "song", breaking(), content_type="audio/mpeg")
        assert "Uploads" not in clients.s3().list_multipart_uploads(Bucket=bucket)


class TestS3CopyingByParts(OnS3CopyingByParts, ObjectStoreContract):
    def test_a_copy_of_several_parts_is_whole_and_keeps_its_type(
        self, store: ObjectStore, bucket: str, other_bucket: str
    ) -> None:
        body = b"".join(bytes([n]) * 1024 * 1024 for n in range(12)) + b"end"
        source = self.put(store, bucket, "song", body)
        copy = store.copy(source, other_bucket, "copy")
        assert store.read_range(copy, 0, len(body) + 1) == body
        assert clients.s3().head_object(Bucket=other_bucket, Key="copy")["ContentType"] == "audio/wav"
