"""Objects, and the signed ways to and from them that bypass us."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.domain.ids import Bytes
from core.domain.tracks import StoredObject


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo:
    object: StoredObject
    etag: str
    size_bytes: Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPart:
    part_number: int
    etag: str
    size_bytes: Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """`headers` are part of the signature: the client must send them exactly."""

    url: str
    headers: dict[str, str]


class ObjectStore(Protocol):
    """Versioned object storage. Raises ObjectGone for what does not exist, StorageUnavailable for faults."""

    def head(self, bucket: str, key: str, version_id: str | None = None) -> ObjectInfo:
        """The newest version unless `version_id` is given."""
        ...

    def read_range(self, obj: StoredObject, start: int, end: int) -> bytes:
        """Bytes start..end-1 of that very version; short only at the end of the object, empty behind it."""
        ...

    def copy(self, source: StoredObject, bucket: str, key: str) -> StoredObject:
        """Server-side copy of that very version (multipart above 5 GB limits)."""
        ...

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
        """Raises Conflict(`object_changed`) if `if_match` is given and is not the ETag of what lies there now."""
        ...

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
        """Multipart upload of a stream of unknown length with flat memory; returns its size. Aborts on error."""
        ...

    def delete(self, obj: StoredObject) -> None:
        """Deletes that very version; no error if it is gone."""
        ...

    def delete_prefix(self, bucket: str, prefix: str) -> int:
        """Deletes every version below `prefix`; returns how many."""
        ...

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]: ...


class UploadDoor(Protocol):
    """Signs what a client may send straight to the uploads bucket; no byte passes through us."""

    def sign_put(
        self, key: str, *, size_bytes: Bytes, content_type: str, sha256: str | None, expires_s: int
    ) -> SignedRequest:
        """A PUT for exactly these bytes that works while nothing has that key (`If-None-Match: *`)."""
        ...

    def start_multipart(self, key: str, *, content_type: str) -> str: ...

    def sign_part(
        self, key: str, multipart_id: str, part_number: int, *, size_bytes: Bytes, expires_s: int
    ) -> SignedRequest: ...

    def list_parts(self, key: str, multipart_id: str) -> list[StoredPart]:
        """Parts already stored; empty if the multipart upload is finished or gone."""
        ...

    def complete_multipart(self, key: str, multipart_id: str, parts: Sequence[tuple[int, str]]) -> None:
        """Idempotent: completing a completed upload is no error.

        Raises InvalidInput(`parts_mismatch`) if the parts don't fit, Conflict(`upload_closed`) after an abort.
        """
        ...

    def abort_multipart(self, key: str, multipart_id: str) -> None:
        """No error if it is completed or gone."""
        ...


class DownloadDoor(Protocol):
    """Signs what somebody may fetch straight from storage."""

    def sign_get(self, key: str, *, filename: str, content_type: str, expires_s: int, inline: bool = False) -> str:
        """An URL that is saved under that name."""
        ...
