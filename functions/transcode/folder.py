"""One track's folder in the media bucket: `{track_id}/{content_id}/`. The one place that knows media types."""

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from core.domain.ids import Bytes, TrackId
from core.ports import ObjectStore

IMMUTABLE: Final = "public, max-age=31536000, immutable"
"""The content id is in the key, so what lies there never changes."""
TYPES: Final = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mp4": "audio/mp4",
    ".m4s": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".json": "application/json",
    ".dat": "application/octet-stream",
    ".jpg": "image/jpeg",
}
GZIPPED: Final = frozenset({".m3u8", ".json"})
"""Stored compressed: Apple's 10.1 asks it of playlists, and the CDN need not do it again."""


def gzipped(text: str) -> bytes:
    """Compressed, with the same bytes on every run."""
    return gzip.compress(text.encode(), mtime=0)


@dataclass(frozen=True, slots=True)
class MediaFolder:
    store: ObjectStore
    bucket: str
    track_id: TrackId
    content_id: str

    @property
    def prefix(self) -> str:
        return f"{self.track_id}/{self.content_id}/"

    def put(self, file: str, body: bytes) -> None:
        """`body` of a file in GZIPPED comes compressed. StorageUnavailable."""
        kind = PurePosixPath(file).suffix
        self.store.put(
            self.bucket,
            self.prefix + file,
            body,
            content_type=TYPES[kind],
            cache_control=IMMUTABLE,
            content_encoding="gzip" if kind in GZIPPED else "",
        )

    def put_stream(self, file: str, chunks: Iterable[bytes], *, disposition: str) -> Bytes:
        return self.store.put_stream(
            self.bucket,
            self.prefix + file,
            chunks,
            content_type=TYPES[PurePosixPath(file).suffix],
            cache_control=IMMUTABLE,
            content_disposition=disposition,
        )

    def clear(self) -> None:
        """Removes everything of this content id."""
        self.store.delete_prefix(self.bucket, self.prefix)
