"""Objects in S3, by version."""

from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from core.adapters.faults import code_of
from core.adapters.s3_errors import s3_errors, unavailable
from core.domain.errors import Conflict
from core.domain.ids import Bytes
from core.domain.limits import MIB
from core.domain.tracks import StoredObject
from core.ports.storage import ObjectInfo

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, CopySourceTypeDef, ObjectIdentifierTypeDef

UNVERSIONED: Final = "null"
"""What S3 itself calls the version of an object in a bucket without versioning."""
COPY_MAX_BYTES: Final = 5 * 1024 * MIB
"""CopyObject's limit; above, the copy goes part by part."""
COPY_PART_BYTES: Final = 512 * MIB
STREAM_PART_BYTES: Final = 8 * MIB
"""Held in memory by `put_stream`; 10,000 parts make 78 GiB."""

_CHANGED: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"})
"""Answers to a conditional write (Amazon S3 User Guide, conditional writes): 412, 409, and 404 for If-Match."""
_NOT_IN_THE_NEWEST: Final = frozenset({"NoSuchKey", "InvalidRange"})


class S3ObjectStore:
    """ObjectStore. The role needs `s3:ListBucket`, or S3 answers 403 instead of 404 for what does not exist."""

    def __init__(
        self,
        client: "S3Client",
        *,
        copy_max_bytes: int = COPY_MAX_BYTES,
        copy_part_bytes: int = COPY_PART_BYTES,
        stream_part_bytes: int = STREAM_PART_BYTES,
    ) -> None:
        self._client = client
        self._copy_max_bytes = copy_max_bytes
        self._copy_part_bytes = copy_part_bytes
        self._stream_part_bytes = stream_part_bytes

    def head(self, bucket: str, key: str, version_id: str | None = None) -> ObjectInfo:
        version: dict[str, Any] = {} if version_id is None else {"VersionId": version_id}
        with s3_errors():
            found = self._client.head_object(Bucket=bucket, Key=key, **version)
        return ObjectInfo(
            object=StoredObject(bucket=bucket, key=key, version_id=found.get("VersionId", UNVERSIONED)),
            etag=found["ETag"].strip('"'),
            size_bytes=Bytes(found["ContentLength"]),
        )

    def read_range(self, obj: StoredObject, start: int, end: int) -> bytes:
        if start >= end:
            return b""
        with s3_errors():
            newest = self._read(obj, start, end)
            return newest if newest is not None else self._read_old(obj, start, end)

    def _read(self, obj: StoredObject, start: int, end: int) -> bytes | None:
        """The range if `obj` is the newest version, which it nearly always is, else None.

        MiniStack ignores `Range` when it is asked for a version, and sends the whole object. So the newest is asked
        for first, and taken if S3 says that it is the version wanted: one request here and on AWS.
        """
        try:
            found = self._client.get_object(Bucket=obj.bucket, Key=obj.key, Range=f"bytes={start}-{end - 1}")
        except ClientError as error:
            if code_of(error) in _NOT_IN_THE_NEWEST:
                return None
            raise
        with closing(found["Body"]) as body:
            return body.read() if found.get("VersionId", UNVERSIONED) == obj.version_id else None

    def _read_old(self, obj: StoredObject, start: int, end: int) -> bytes:
        try:
            found = self._client.get_object(
                Bucket=obj.bucket, Key=obj.key, VersionId=obj.version_id, Range=f"bytes={start}-{end - 1}"
            )
        except ClientError as error:
            if code_of(error) == "InvalidRange":
                return b""
            raise
        body = found["Body"].read()
        # A server may ignore Range and send it all (RFC 9110 §14.2).
        return body if found.get("ContentRange") else body[start:end]

    def copy(self, source: StoredObject, bucket: str, key: str) -> StoredObject:
        where: CopySourceTypeDef = {"Bucket": source.bucket, "Key": source.key, "VersionId": source.version_id}
        with s3_errors():
            found = self._client.head_object(Bucket=source.bucket, Key=source.key, VersionId=source.version_id)
            if found["ContentLength"] > self._copy_max_bytes:
                return self._copy_by_parts(where, found["ContentLength"], found["ContentType"], bucket, key)
            copied = self._client.copy_object(
                CopySource=where,
                Bucket=bucket,
                Key=key,
                TaggingDirective="REPLACE",  # by none: tags of the source don't travel and need no right to be read
            )
        return StoredObject(bucket=bucket, key=key, version_id=copied.get("VersionId", UNVERSIONED))

    def _copy_by_parts(
        self, where: "CopySourceTypeDef", size_bytes: int, content_type: str, bucket: str, key: str
    ) -> StoredObject:
        with _Multipart(self._client, bucket, key, {"ContentType": content_type}) as multipart:
            for start in range(0, size_bytes, self._copy_part_bytes):
                multipart.copy(where, start, min(start + self._copy_part_bytes, size_bytes))
            return multipart.complete()

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
        headers = _given(
            ContentType=content_type, CacheControl=cache_control, ContentEncoding=content_encoding, IfMatch=if_match
        )
        with s3_errors():
            try:
                self._client.put_object(Bucket=bucket, Key=key, Body=body, **headers)
            except ClientError as error:
                if if_match and code_of(error) in _CHANGED:
                    raise Conflict("The object was changed meanwhile.", code="object_changed") from error
                raise

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
        """A stream that fits into one part goes by a plain PUT."""
        headers = _given(ContentType=content_type, CacheControl=cache_control, ContentDisposition=content_disposition)
        blocks = in_blocks(chunks, self._stream_part_bytes)
        first = next(blocks, b"")
        if len(first) < self._stream_part_bytes:
            with s3_errors():
                self._client.put_object(Bucket=bucket, Key=key, Body=first, **headers)
            return Bytes(len(first))
        size = len(first)
        with s3_errors(), _Multipart(self._client, bucket, key, headers) as multipart:
            multipart.send(first)
            for block in blocks:
                multipart.send(block)
                size += len(block)
            multipart.complete()
        return Bytes(size)

    def delete(self, obj: StoredObject) -> None:
        with s3_errors():
            self._client.delete_object(Bucket=obj.bucket, Key=obj.key, VersionId=obj.version_id)

    def delete_prefix(self, bucket: str, prefix: str) -> int:
        """Delete markers go too, and count."""
        deleted = 0
        with s3_errors():
            for page in self._client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
                listed = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                versions: list[ObjectIdentifierTypeDef] = [
                    {"Key": version["Key"], "VersionId": version["VersionId"]} for version in listed
                ]
                if versions:
                    answer = self._client.delete_objects(Bucket=bucket, Delete={"Objects": versions, "Quiet": True})
                    if answer.get("Errors"):
                        raise unavailable()
                deleted += len(versions)
        return deleted

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        with s3_errors():
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for found in page.get("Contents", []):
                    yield found["Key"]


class _Multipart:
    """A multipart upload of ours as a context manager: left in any way but by `complete`, it is aborted."""

    def __init__(self, client: "S3Client", bucket: str, key: str, headers: dict[str, Any]) -> None:
        self._client = client
        self._where: dict[str, Any] = {"Bucket": bucket, "Key": key}
        self._headers = headers
        self._parts: list[CompletedPartTypeDef] = []
        self._completed = False

    def __enter__(self) -> "_Multipart":
        self._upload_id = self._client.create_multipart_upload(**self._where, **self._headers)["UploadId"]
        return self

    def __exit__(self, *_: object) -> None:
        if self._completed:
            return
        # Should this fail too, the first error is the one to tell; the bucket's lifecycle rule removes what is left.
        with suppress(ClientError, BotoCoreError):
            self._client.abort_multipart_upload(**self._where, UploadId=self._upload_id)

    def send(self, block: bytes) -> None:
        number = len(self._parts) + 1
        sent = self._client.upload_part(**self._where, UploadId=self._upload_id, PartNumber=number, Body=block)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})

    def copy(self, source: "CopySourceTypeDef", start: int, end: int) -> None:
        """Bytes start..end-1 of `source`."""
        number = len(self._parts) + 1
        copied = self._client.upload_part_copy(
            **self._where,
            UploadId=self._upload_id,
            PartNumber=number,
            CopySource=source,
            CopySourceRange=f"bytes={start}-{end - 1}",
        )
        self._parts.append({"PartNumber": number, "ETag": copied["CopyPartResult"]["ETag"]})

    def complete(self) -> StoredObject:
        done = self._client.complete_multipart_upload(
            **self._where, UploadId=self._upload_id, MultipartUpload={"Parts": self._parts}
        )
        self._completed = True
        bucket, key = self._where["Bucket"], self._where["Key"]
        return StoredObject(bucket=bucket, key=key, version_id=done.get("VersionId", UNVERSIONED))


def in_blocks(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes cut anew: blocks of exactly `size`, the last one shorter; holds one block and one chunk."""
    block = bytearray()
    for chunk in chunks:
        block += chunk
        while len(block) >= size:
            with memoryview(block) as view:
                full = bytes(view[:size])
            del block[:size]
            yield full
    if block:
        yield bytes(block)


def _given(**headers: str) -> dict[str, Any]:
    """The headers that say something; S3 refuses or stores empty ones."""
    return {name: value for name, value in headers.items() if value}
