"""An arrived object, read once by ranges into where clamd, the hash and the sniffer work on it side by side."""

import hashlib
import mmap
import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final

from core.domain.errors import StorageUnavailable
from core.domain.limits import MIB
from core.ports.storage import ObjectInfo, ObjectStore
from scan.sniff.source import Data

RANGE_BYTES: Final = 8 * MIB
RANGES_AHEAD: Final = 4
"""One S3 connection gives some 50 to 100 MB/s; four at once hold 32 MiB and outrun the engine."""
MEMORY_MAX_BYTES: Final = 512 * MIB
"""Up to here a memfd, above an unlinked file in the temp folder (Lambda: up to 10 GiB in /tmp).

Of the function's 3008 MB the engine with the official definitions takes 1.2 GiB; the largest memfd, the ranges ahead
and Python together take 0.8, so that more than half a gigabyte stays free. A file in /tmp costs a disk write and read.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """The bytes of one object version; gone when the `with` of `spooled` ends."""

    file: BinaryIO
    """For the engine alone, which is shown other first bytes at times."""
    size_bytes: int

    @contextmanager
    def mapped(self) -> Iterator[Data]:
        """The bytes as they arrived, for random access, without reading them."""
        if self.size_bytes == 0:
            yield b""
            return
        with mmap.mmap(self.file.fileno(), self.size_bytes, access=mmap.ACCESS_COPY) as view:
            view[0] = view[0]  # the page is ours from now on: what is written into the file is not seen in it
            yield view


def sha256_of(data: Data) -> str:
    """Hexadecimal. Releases the GIL (hashlib), so it runs beside the sniffer."""
    return hashlib.sha256(data).hexdigest()


@contextmanager
def spooled(store: ObjectStore, info: ObjectInfo, on_progress: Callable[[int], None]) -> Iterator[Spooled]:
    """Reads the whole version once; `on_progress` hears the bytes read so far after each range.

    Raises ObjectGone or StorageUnavailable, a full disk included.
    """
    with _open(info.size_bytes) as file:
        try:
            spool = _fill(file, store, info, on_progress)
        except OSError as fault:
            raise StorageUnavailable("There is no room to look at the file in.") from fault
        if spool.size_bytes != info.size_bytes:
            raise StorageUnavailable("The storage gave fewer bytes than the object has.")
        yield spool


def _fill(file: BinaryIO, store: ObjectStore, info: ObjectInfo, on_progress: Callable[[int], None]) -> Spooled:
    """Ranges are read and written several at once (pwrite releases the GIL)."""
    done = 0

    def fetch(start: int) -> int:
        piece = store.read_range(info.object, start, min(start + RANGE_BYTES, info.size_bytes))
        _write(file.fileno(), piece, start)
        return len(piece)

    for count in _ahead(fetch, range(0, info.size_bytes, RANGE_BYTES)):
        done += count
        on_progress(done)
    return Spooled(file=file, size_bytes=done)


def _write(descriptor: int, piece: bytes, start: int) -> None:
    """All of `piece` at `start`; one pwrite may take less."""
    rest = memoryview(piece)
    while rest:
        written = os.pwrite(descriptor, rest, start)
        rest, start = rest[written:], start + written


def _open(size_bytes: int) -> BinaryIO:
    """Unbuffered: descriptors and maps are all that is used of it."""
    if size_bytes <= MEMORY_MAX_BYTES:
        return os.fdopen(os.memfd_create("upload"), "w+b", buffering=0)
    return tempfile.TemporaryFile(prefix="veza-upload-", buffering=0)


def _ahead(fetch: Callable[[int], int], starts: range) -> Iterator[int]:
    """What `fetch` says of each range, in order, RANGES_AHEAD on their way at once; after a fault none is begun."""
    with ThreadPoolExecutor(max_workers=RANGES_AHEAD) as pool:
        coming: deque[Future[int]] = deque()
        try:
            for start in starts:
                coming.append(pool.submit(fetch, start))
                if len(coming) == RANGES_AHEAD:
                    yield coming.popleft().result()
            while coming:
                yield coming.popleft().result()
        finally:
            for future in coming:
                future.cancel()
