"""Presigned requests straight to the uploads bucket (SigV4 in the query string).

Whatever header is signed must arrive exactly so, or S3 answers 403 SignatureDoesNotMatch: that is what holds a
client to the size, type and checksum it announced. `If-None-Match: *` makes S3 answer 412 where the key is taken, so
a URL works once, or until what it brought was moved on. It lives no longer than the credentials that signed it, which
in Lambda are hours.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

import base64
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from core.adapters.faults import code_of
from core.adapters.s3_errors import s3_errors
from core.domain.errors import Conflict, InvalidInput, ObjectGone
from core.domain.ids import Bytes
from core.ports.storage import SignedRequest, StoredPart

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3UploadDoor:
    """UploadDoor. The client is built when it is needed: no cold start pays for what is rarely asked."""

    def __init__(self, client: Callable[[], "S3Client"], bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def sign_put(
        self, key: str, *, size_bytes: Bytes, content_type: str, sha256: str | None, expires_s: int
    ) -> SignedRequest:
        """`sha256` in hex, as everywhere in Veza; S3 wants its bytes in base64."""
        params: dict[str, Any] = {"ContentLength": size_bytes, "ContentType": content_type, "IfNoneMatch": "*"}
        headers = {"Content-Length": str(size_bytes), "Content-Type": content_type, "If-None-Match": "*"}
        if sha256 is not None:
            digest = base64.b64encode(bytes.fromhex(sha256)).decode()
            params["ChecksumSHA256"] = headers["x-amz-checksum-sha256"] = digest
        return SignedRequest(url=self._sign("put_object", key, params, expires_s), headers=headers)

    def start_multipart(self, key: str, *, content_type: str) -> str:
        with s3_errors():
            started = self._client().create_multipart_upload(Bucket=self._bucket, Key=key, ContentType=content_type)
        return started["UploadId"]

    def sign_part(
        self, key: str, multipart_id: str, part_number: int, *, size_bytes: Bytes, expires_s: int
    ) -> SignedRequest:
        params = {"UploadId": multipart_id, "PartNumber": part_number, "ContentLength": size_bytes}
        url = self._sign("upload_part", key, params, expires_s)
        return SignedRequest(url=url, headers={"Content-Length": str(size_bytes)})

    def _sign(self, method: str, key: str, params: dict[str, Any], expires_s: int) -> str:
        with s3_errors():
            return self._client().generate_presigned_url(
                method, Params={"Bucket": self._bucket, "Key": key, **params}, ExpiresIn=expires_s
            )

    def list_parts(self, key: str, multipart_id: str) -> list[StoredPart]:
        pages = self._client().get_paginator("list_parts").paginate(Bucket=self._bucket, Key=key, UploadId=multipart_id)
        try:
            with s3_errors():
                return [
                    StoredPart(
                        part_number=part["PartNumber"], etag=part["ETag"].strip('"'), size_bytes=Bytes(part["Size"])
                    )
                    for page in pages
                    for part in page.get("Parts", [])
                ]
        except ObjectGone:
            return []

    def complete_multipart(self, key: str, multipart_id: str, parts: Sequence[tuple[int, str]]) -> None:
        """Raises Conflict(`upload_closed`) if the upload was aborted, or is gone and has left no object."""
        if not parts:
            raise InvalidInput("An upload has at least one part.", code="parts_mismatch", field="parts")
        listed = [{"PartNumber": number, "ETag": f'"{etag.strip(chr(34))}"'} for number, etag in parts]
        try:
            with s3_errors():
                self._complete(key, multipart_id, listed)
        except ObjectGone as gone:
            if not self._is_stored(key):
                raise Conflict("The upload is closed.", code="upload_closed") from gone

    def _complete(self, key: str, multipart_id: str, parts: list[Any]) -> None:
        try:
            self._client().complete_multipart_upload(
                Bucket=self._bucket,
                Key=key,
                UploadId=multipart_id,
                MultipartUpload={"Parts": parts},
                IfNoneMatch="*",
            )
        except ClientError as error:
            # A key belongs to one upload, so what is there already is this very upload, completed before.
            if code_of(error) != "PreconditionFailed":
                raise

    def _is_stored(self, key: str) -> bool:
        try:
            with s3_errors():
                self._client().head_object(Bucket=self._bucket, Key=key)
        except ObjectGone:
            return False
        return True

    def abort_multipart(self, key: str, multipart_id: str) -> None:
        """No error if it is gone or completed."""
        with suppress(ObjectGone), s3_errors():
            self._client().abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=multipart_id)
