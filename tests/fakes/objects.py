"""Object storage in a dict: every put is a new version, as in a versioned bucket."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from core.domain.errors import Conflict, ObjectGone
from core.domain.ids import Bytes
from core.domain.tracks import StoredObject
from core.ports.storage import ObjectInfo
from tests.fakes.faults import Breakable


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeObject:
    """One version's bytes and what it is served with."""

    body: bytes
    content_type: str = "binary/octet-stream"
    cache_control: str = ""
    content_encoding: str = ""
    content_disposition: str = ""

    @property
    def etag(self) -> str:
        return hashlib.md5(self.body, usedforsecurity=False).hexdigest()


class FakeObjectStore(Breakable):
    """Any bucket exists. Versions are `v1`, `v2` … over all buckets; the newest of a key is its last."""

    def __init__(self) -> None:
        self.versions: dict[StoredObject, FakeObject] = {}
        """Oldest first."""
        self._numbers = count(1)

    def add(self, bucket: str, key: str, body: bytes, content_type: str = "binary/octet-stream") -> StoredObject:
        """Puts an object and tells its version."""
        return self._add(bucket, key, FakeObject(body=body, content_type=content_type))

    def newest(self, bucket: str, key: str) -> FakeObject:
        """KeyError if there is none."""
        return self.versions[self._newest(bucket, key)]

    def head(self, bucket: str, key: str, version_id: str | None = None) -> ObjectInfo:
        self._reach()
        try:
            found = (
                self._newest(bucket, key)
                if version_id is None
                else StoredObject(bucket=bucket, key=key, version_id=version_id)
            )
            stored = self.versions[found]
        except KeyError as error:
            raise ObjectGone(f"There is no {bucket}/{key}.") from error
        return ObjectInfo(object=found, etag=stored.etag, size_bytes=Bytes(len(stored.body)))

    def read_range(self, obj: StoredObject, start: int, end: int) -> bytes:
        return self._get(obj).body[start : max(start, end)]

    def copy(self, source: StoredObject, bucket: str, key: str) -> StoredObject:
        return self._add(bucket, key, self._get(source))

    def put(
        self,
        bucket: str,
        key: str,
        body: bytes,
        *,
        content_type: str,
        cache_control: str = "",
        content_encoding: str = "",
        if_match: str = "",
    ) -> None:
        self._reach()
        if if_match and self._etag(bucket, key) != if_match:
            raise Conflict("The object was changed meanwhile.", code="object_changed")
        stored = FakeObject(
            body=body, content_type=content_type, cache_control=cache_control, content_encoding=content_encoding
        )
        self._add(bucket, key, stored)

    def put_stream(
        self,
        bucket: str,
        key: str,
        chunks: Iterable[bytes],
        *,
        content_type: str,
        cache_control: str = "",
        content_disposition: str = "",
    ) -> Bytes:
        self._reach()
        stored = FakeObject(
            body=b"".join(chunks),
            content_type=content_type,
            cache_control=cache_control,
            content_disposition=content_disposition,
        )
        self._add(bucket, key, stored)
        return Bytes(len(stored.body))

    def delete(self, obj: StoredObject) -> None:
        self._reach()
        self.versions.pop(obj, None)

    def delete_prefix(self, bucket: str, prefix: str) -> int:
        self._reach()
        doomed = [obj for obj in self.versions if obj.bucket == bucket and obj.key.startswith(prefix)]
        for obj in doomed:
            del self.versions[obj]
        return len(doomed)

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        self._reach()
        yield from sorted({obj.key for obj in self.versions if obj.bucket == bucket and obj.key.startswith(prefix)})

    def _add(self, bucket: str, key: str, stored: FakeObject) -> StoredObject:
        obj = StoredObject(bucket=bucket, key=key, version_id=f"v{next(self._numbers)}")
        self.versions[obj] = stored
        return obj

    def _etag(self, bucket: str, key: str) -> str | None:
        try:
            return self.newest(bucket, key).etag
        except KeyError:
            return None

    def _newest(self, bucket: str, key: str) -> StoredObject:
        for obj in reversed(self.versions):
            if (obj.bucket, obj.key) == (bucket, key):
                return obj
        raise KeyError(key)

    def _get(self, obj: StoredObject) -> FakeObject:
        self._reach()
        try:
            return self.versions[obj]
        except KeyError as error:
            raise ObjectGone(f"There is no version {obj.version_id} of {obj.bucket}/{obj.key}.") from error
