"""The page's files: from the archive of a deployment into the bucket behind the CDN."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from core.ports.storage import ObjectStore

CACHE_CONTROL: Final = "no-cache"
"""File names don't change with their content, so browsers and the CDN ask each time; the ETag answers."""

CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageService:
    objects: ObjectStore
    bucket: str

    def publish(self, bucket: str, key: str) -> int:
        """Puts every file of the zip `key` and removes what it does not hold; returns how many files there are."""
        info = self.objects.head(bucket, key)
        archive = zipfile.ZipFile(io.BytesIO(self.objects.read_range(info.object, 0, info.size_bytes)))
        names = {entry.filename for entry in archive.infolist() if not entry.is_dir()}
        # The document last: it never names a file that is not there yet.
        for name in sorted(names, key=lambda name: (name.endswith(".html"), name)):
            self.objects.put(
                self.bucket,
                name,
                archive.read(name),
                content_type=CONTENT_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream"),
                cache_control=CACHE_CONTROL,
            )
        for stale in set(self.objects.list_keys(self.bucket, "")) - names:
            self.objects.delete(self.objects.head(self.bucket, stale).object)
        return len(names)

    def withdraw(self) -> int:
        """Empties the bucket; returns how many files there were."""
        return self.objects.delete_prefix(self.bucket, "")
