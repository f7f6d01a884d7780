"""What every ObjectStore promises."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.domain.errors import Conflict, ObjectGone, StorageUnavailable
from core.domain.tracks import StoredObject
from core.ports.storage import ObjectStore

MIB = 1024 * 1024
ODD_KEYS = ["a b.wav", "a+b.wav", "100%.wav", "häß/音楽.wav", "a&b=c?.wav"]


class ObjectStoreContract:
    """Subclasses bring the fixtures `store`, `bucket` and `other_bucket` (existing, versioned, empty)."""

    @staticmethod
    def put(store: ObjectStore, bucket: str, key: str, body: bytes = b"audio") -> StoredObject:
        store.put(bucket, key, body, content_type="audio/wav")
        return store.head(bucket, key).object

    def test_head_tells_the_newest_version(self, store: ObjectStore, bucket: str) -> None:
        first = self.put(store, bucket, "song", b"one")
        second = self.put(store, bucket, "song", b"second")
        newest = store.head(bucket, "song")
        assert first != second
        assert (newest.object, newest.size_bytes) == (second, 6)

    def test_head_tells_an_older_version_when_asked(self, store: ObjectStore, bucket: str) -> None:
        first = self.put(store, bucket, "song", b"one")
        newest = self.put(store, bucket, "song", b"second")
        older = store.head(bucket, "song", first.version_id)
        assert (older.object, older.size_bytes) == (first, 3)
        assert older.etag != store.head(bucket, "song", newest.version_id).etag

    def test_etags_have_no_quotes(self, store: ObjectStore, bucket: str) -> None:
        self.put(store, bucket, "song")
        assert store.head(bucket, "song").etag.isalnum()

    def test_an_object_that_never_was_is_gone(self, store: ObjectStore, bucket: str) -> None:
        never = StoredObject(bucket=bucket, key="never", version_id="null")
        with pytest.raises(ObjectGone):
            store.head(bucket, "never")
        with pytest.raises(ObjectGone):
            store.read_range(never, 0, 1)
        with pytest.raises(ObjectGone):
            store.copy(never, bucket, "copy")

    def test_a_deleted_version_is_gone_for_good(self, store: ObjectStore, bucket: str) -> None:
        first = self.put(store, bucket, "song", b"one")
        second = self.put(store, bucket, "song", b"second")
        store.delete(first)
        with pytest.raises(ObjectGone):
            store.head(bucket, "song", first.version_id)
        with pytest.raises(ObjectGone):
            store.read_range(first, 0, 1)
        with pytest.raises(ObjectGone):
            store.copy(first, bucket, "copy")
        assert store.head(bucket, "song").object == second

    def test_deleting_the_newest_version_uncovers_the_one_before(self, store: ObjectStore, bucket: str) -> None:
        first = self.put(store, bucket, "song", b"one")
        store.delete(self.put(store, bucket, "song", b"second"))
        assert store.head(bucket, "song").object == first

    def test_a_conditional_put_replaces_only_what_was_seen(self, store: ObjectStore, bucket: str) -> None:
        self.put(store, bucket, "list", b"one")
        seen = store.head(bucket, "list").etag
        store.put(bucket, "list", b"two", content_type="text/plain", if_match=seen)
        with pytest.raises(Conflict) as refused:
            store.put(bucket, "list", b"three", content_type="text/plain", if_match=seen)
        assert refused.value.code == "object_changed"
        assert store.read_range(store.head(bucket, "list").object, 0, 9) == b"two"

    def test_a_conditional_put_makes_nothing_new(self, store: ObjectStore, bucket: str) -> None:
        with pytest.raises(Conflict):
            store.put(bucket, "never", b"one", content_type="text/plain", if_match="0" * 32)

    def test_deleting_twice_is_no_error(self, store: ObjectStore, bucket: str) -> None:
        obj = self.put(store, bucket, "song")
        store.delete(obj)
        store.delete(obj)

    @pytest.mark.parametrize(
        ("start", "end", "expected"),
        [
            (0, 10, b"0123456789"),
            (0, 1, b"0"),
            (3, 6, b"345"),
            (8, 99, b"89"),
            (10, 12, b""),
            (99, 100, b""),
            (4, 4, b""),
        ],
    )
    def test_ranges_end_before_their_end(
        self, store: ObjectStore, bucket: str, start: int, end: int, expected: bytes
    ) -> None:
        obj = self.put(store, bucket, "song", b"0123456789")
        assert store.read_range(obj, start, end) == expected

    def test_an_empty_object_has_empty_ranges(self, store: ObjectStore, bucket: str) -> None:
        assert store.read_range(self.put(store, bucket, "song", b""), 0, 10) == b""

    def test_a_range_is_of_that_very_version(self, store: ObjectStore, bucket: str) -> None:
        first = self.put(store, bucket, "song", b"clean")
        self.put(store, bucket, "song", b"swapped")
        assert store.read_range(first, 0, 99) == b"clean"

    def test_12_a_copy_is_of_that_very_version(self, store: ObjectStore, bucket: str, other_bucket: str) -> None:
        first = self.put(store, bucket, "song", b"clean")
        self.put(store, bucket, "song", b"swapped")
        copy = store.copy(first, other_bucket, "track/original")
        assert copy == store.head(other_bucket, "track/original").object
        assert store.read_range(copy, 0, 99) == b"clean"

    def test_a_copy_outlives_its_source(self, store: ObjectStore, bucket: str, other_bucket: str) -> None:
        source = self.put(store, bucket, "song")
        copy = store.copy(source, other_bucket, "copy")
        store.delete(source)
        assert store.read_range(copy, 0, 99) == b"audio"

    @pytest.mark.parametrize("key", ODD_KEYS)
    def test_5_keys_are_taken_as_they_are(self, store: ObjectStore, bucket: str, key: str) -> None:
        obj = self.put(store, bucket, key)
        copy = store.copy(obj, bucket, f"copies/{key}")
        assert list(store.list_keys(bucket, "")) == sorted([key, f"copies/{key}"], key=str.encode)
        assert (obj.key, copy.key) == (key, f"copies/{key}")
        assert store.read_range(copy, 0, 99) == b"audio"
        assert store.delete_prefix(bucket, "") == 2

    @pytest.mark.parametrize("sizes", [[], [0], [5], [1, 0, 2], [MIB] * 6, [3 * MIB] * 4 + [1]])
    def test_a_stream_is_stored_whole(self, store: ObjectStore, bucket: str, sizes: list[int]) -> None:
        chunks = [bytes([number]) * size for number, size in enumerate(sizes, 1)]
        assert store.put_stream(bucket, "song", iter(chunks), content_type="audio/mpeg") == sum(sizes)
        info = store.head(bucket, "song")
        assert info.size_bytes == sum(sizes)
        assert store.read_range(info.object, 0, info.size_bytes) == b"".join(chunks)

    @pytest.mark.parametrize("before", [0, 7])
    def test_a_stream_that_breaks_leaves_nothing(self, store: ObjectStore, bucket: str, before: int) -> None:
        def breaking() -> Iterator[bytes]:
            for _ in range(before):
                yield bytes(MIB)
            raise RuntimeError("ffmpeg died")

        with pytest.raises(RuntimeError, match="ffmpeg died"):
            store.put_stream(bucket, "song", breaking(), content_type="audio/mpeg")
        assert list(store.list_keys(bucket, "")) == []

    def test_a_prefix_is_deleted_with_all_versions(self, store: ObjectStore, bucket: str) -> None:
        versions = [self.put(store, bucket, key) for key in ("t1/a", "t1/a", "t1/b")]
        kept = self.put(store, bucket, "t10/a")
        assert store.delete_prefix(bucket, "t1/") == 3
        for version in versions:
            with pytest.raises(ObjectGone):
                store.head(version.bucket, version.key, version.version_id)
        assert list(store.list_keys(bucket, "")) == [kept.key]
        assert store.delete_prefix(bucket, "t1/") == 0

    def test_keys_are_listed_below_a_prefix_once_and_in_order(self, store: ObjectStore, bucket: str) -> None:
        for key in ("t/2", "t/1", "t/1", "u/1", "t/3/x"):
            self.put(store, bucket, key)
        assert list(store.list_keys(bucket, "t/")) == ["t/1", "t/2", "t/3/x"]
        assert list(store.list_keys(bucket, "v/")) == []

    def test_a_version_of_another_key_is_gone(self, store: ObjectStore, bucket: str) -> None:
        one, other = self.put(store, bucket, "one"), self.put(store, bucket, "other")
        with pytest.raises(ObjectGone):
            store.read_range(replace(one, version_id=other.version_id), 0, 1)

    def test_a_store_that_does_not_answer_is_unavailable(self, broken: ObjectStore) -> None:
        with pytest.raises(StorageUnavailable) as caught:
            broken.put("no-such-bucket", "song", b"audio", content_type="audio/wav")
        assert caught.value.retryable
        with pytest.raises(StorageUnavailable):
            next(broken.list_keys("no-such-bucket", ""))


class UnversionedBucketContract:
    """For stores that have such buckets; what is published, media and definitions, may lie in one."""

    def test_a_bucket_without_versions_works_too(self, store: ObjectStore, unversioned_bucket: str) -> None:
        store.put(unversioned_bucket, "song", b"clean", content_type="audio/wav")
        obj = store.head(unversioned_bucket, "song").object
        assert obj.version_id == "null"
        assert store.read_range(obj, 1, 3) == b"le"
        store.delete(obj)
        with pytest.raises(ObjectGone):
            store.head(unversioned_bucket, "song")

    def test_a_prefix_in_it_is_deleted(self, store: ObjectStore, unversioned_bucket: str) -> None:
        for key in ("t/1", "t/2", "u/1"):
            store.put(unversioned_bucket, key, b"audio", content_type="audio/wav")
        assert store.delete_prefix(unversioned_bucket, "t/") == 2
        assert list(store.list_keys(unversioned_bucket, "")) == ["u/1"]
