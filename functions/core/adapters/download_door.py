"""Presigned GETs (SigV4 in the query string): storage answers for as long as the URL and who signed it live."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.adapters.s3_errors import s3_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3DownloadDoor:
    """DownloadDoor. The client is built when it is needed: no cold start pays for what is rarely asked."""

    def __init__(self, client: Callable[[], "S3Client"], bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def sign_get(self, key: str, *, filename: str, expires_s: int) -> str:
        """`filename` is ours and plain, so that it needs no quoting beyond quotes (RFC 6266)."""
        with s3_errors():
            return self._client().generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._bucket,
                    "Key": key,
                    "ResponseContentDisposition": f'attachment; filename="{filename}"',
                },
                ExpiresIn=expires_s,
            )
