"""One pass over an arrived object: read by ranges, hashed, and spooled to where clamd and the sniffer can reach it."""

import hashlib
import mmap
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final

from core.domain.errors import StorageUnavailable
from core.domain.limits import MIB
from core.ports import ObjectInfo, ObjectStore
from scan.sniff.source import Data

RANGE_BYTES: Final = 8 * MIB
MEMORY_MAX_BYTES: Final = 64 * MIB
"""Up to here a memfd, above an unlinked file in the temp folder (Lambda: up to 10 GiB in /tmp)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """The bytes of one object version; gone when the `with` of `spooled` ends."""

    file: BinaryIO
    size_bytes: int
    sha256: str

    @contextmanager
    def mapped(self) -> Iterator[Data]:
        """The bytes for random access, without reading them."""
        if self.size_bytes == 0:
            yield b""
            return
        with mmap.mmap(self.file.fileno(), self.size_bytes, access=mmap.ACCESS_READ) as view:
            yield view


@contextmanager
def spooled(store: ObjectStore, info: ObjectInfo, on_progress: Callable[[int], None]) -> Iterator[Spooled]:
    """Reads the whole version once; `on_progress` hears the bytes read so far after each range.

    Raises ObjectGone or StorageUnavailable, a full disk included.
    """
    with _open(info.size_bytes) as file:
        try:
            spool = _fill(file, _ranges(store, info), on_progress)
        except OSError as fault:
            raise StorageUnavailable("There is no room to look at the file in.") from fault
        if spool.size_bytes != info.size_bytes:
            raise StorageUnavailable("The storage gave fewer bytes than the object has.")
        yield spool


def _fill(file: BinaryIO, pieces: Iterator[bytes], on_progress: Callable[[int], None]) -> Spooled:
    digest = hashlib.sha256()
    done = 0
    for piece in pieces:
        digest.update(piece)
        file.write(piece)
        done += len(piece)
        on_progress(done)
    file.flush()
    return Spooled(file=file, size_bytes=done, sha256=digest.hexdigest())


def _open(size_bytes: int) -> BinaryIO:
    if size_bytes <= MEMORY_MAX_BYTES:
        return os.fdopen(os.memfd_create("upload"), "w+b")
    return tempfile.TemporaryFile(prefix="veza-upload-")


def _ranges(store: ObjectStore, info: ObjectInfo) -> Iterator[bytes]:
    """The object in order; while one range is worked on, the next is on its way."""
    starts = range(0, info.size_bytes, RANGE_BYTES)

    def read(start: int) -> bytes:
        return store.read_range(info.object, start, min(start + RANGE_BYTES, info.size_bytes))

    with ThreadPoolExecutor(max_workers=1) as ahead:
        coming: Future[bytes] | None = None
        for start in starts:
            piece = (coming or ahead.submit(read, start)).result()
            following = start + RANGE_BYTES
            coming = ahead.submit(read, following) if following < info.size_bytes else None
            yield piece
