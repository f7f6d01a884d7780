"""A zip written as it is read: nothing of it but a chunk is ever held."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

CHUNK: Final = 1024 * 1024
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip can tell; the files' own times are in the documents."""


class File(NamedTuple):
    name: str
    chunks: Iterable[bytes]
    packed: bool
    """Whether it is worth compressing: audio is not."""


class _Drain(io.RawIOBase):
    """A file that can't be sought, whose bytes are taken out at the other end."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer") -> int:
        before = len(self._written)
        self._written += data
        return len(self._written) - before

    def taken(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


def zipped(files: Iterable[File]) -> Iterator[bytes]:
    """The bytes of a zip (ZIP64 where it must be; APPNOTE 6.3.10) of these files, in their order."""
    drain = _Drain()
    with zipfile.ZipFile(drain, "w", allowZip64=True) as archive:
        for file in files:
            info = zipfile.ZipInfo(file.name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED if file.packed else zipfile.ZIP_STORED
            with archive.open(info, "w", force_zip64=True) as entry:
                for chunk in file.chunks:
                    entry.write(chunk)
                    yield drain.taken()
    yield drain.taken()
