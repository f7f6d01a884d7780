"""What makes "the same file again": the key under which an interrupted upload is found and resumed."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cli.errors import Refused

EDGE_BYTES = 64 * 1024
_HASH_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIdentity:
    """A regular file as it was when it was looked at."""

    path: Path
    size_bytes: int
    mtime_ns: int
    edges: str
    """SHA-256 (hex) of the first and the last EDGE_BYTES: headers and tails tell rewritten files apart."""

    @classmethod
    def of(cls, path: Path) -> "FileIdentity":
        """Reads at most 2·EDGE_BYTES; Refused if the file can't be read."""
        try:
            with path.open("rb") as file:
                seen = os.fstat(file.fileno())
                digest = hashlib.sha256(file.read(EDGE_BYTES))
                file.seek(max(0, seen.st_size - EDGE_BYTES))
                digest.update(file.read(EDGE_BYTES))
        except OSError as error:
            raise Refused(f"The file can't be read: {error.strerror}.", code="file_unreadable") from error
        return cls(path=path, size_bytes=seen.st_size, mtime_ns=seen.st_mtime_ns, edges=digest.hexdigest())

    def client_token(self, account_id: str, generation: str = "0") -> str:
        """64 hex digits, the same for the same account and file; a new `generation` starts a new upload of it."""
        parts = (account_id, self.path.name, str(self.size_bytes), str(self.mtime_ns), self.edges, generation)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def is_unchanged(self) -> bool:
        """Whether size and time of the file are still those of the announcement."""
        now = self.path.stat()
        return (now.st_size, now.st_mtime_ns) == (self.size_bytes, self.mtime_ns)

    def sha256(self) -> str:
        """Hex digest of the whole content, read in chunks."""
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            while chunk := file.read(_HASH_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()
