"""One track's folder in the media bucket: `{track_id}/{content_id}/`. The one place that knows media types."""

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from core.domain.ids import Bytes, TrackId
from core.ports.storage import ObjectStore

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
GROWING: Final = "public, max-age=1"
"""For the playlists of a track that is still being made."""
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
        self._put(file, body, cache_control=IMMUTABLE)

    def put_growing(self, file: str, body: bytes, *, if_match: str = "") -> None:
        """The same for a file that is replaced by longer ones. Conflict if it is not `if_match` that lies there."""
        self._put(file, body, cache_control=GROWING, if_match=if_match)

    def etag(self, file: str) -> str:
        """Of what lies there now. ObjectGone if nothing does."""
        return self.store.head(self.bucket, self.prefix + file).etag

    def _put(self, file: str, body: bytes, *, cache_control: str, if_match: str = "") -> None:
        kind = PurePosixPath(file).suffix
        self.store.put(
            self.bucket,
            self.prefix + file,
            body,
            content_type=TYPES[kind],
            cache_control=cache_control,
            content_encoding="gzip" if kind in GZIPPED else "",
            if_match=if_match,
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
