"""Presigned GETs (SigV4 in the query string): storage answers for as long as the URL and who signed it live."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from core.adapters.s3_errors import s3_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3DownloadDoor:
    """DownloadDoor. The client is built when it is needed: no cold start pays for what is rarely asked."""

    def __init__(self, client: Callable[[], "S3Client"], bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def sign_get(self, key: str, *, filename: str, content_type: str, expires_s: int, inline: bool = False) -> str:
        """Whatever the name is, it comes as one that headers can carry (RFC 6266 §5, RFC 8187)."""
        kind = "inline" if inline else "attachment"
        with s3_errors():
            return self._client().generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._bucket,
                    "Key": key,
                    "ResponseContentType": content_type,
                    "ResponseContentDisposition": f"{kind}; filename*=UTF-8''{quote(filename, safe='')}",
                },
                ExpiresIn=expires_s,
            )
