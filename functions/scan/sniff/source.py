"""Random access to the bytes being sniffed, without copying them."""

import mmap
import struct

from core.domain.errors import MediaRejected
from core.domain.reasons import ReasonCode

Data = mmap.mmap | bytes


class Source:
    """A file of `size` bytes. What is asked for past its end was promised by the file itself: TRUNCATED."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.size = len(data)

    def peek(self, start: int, count: int) -> bytes:
        """Up to `count` bytes at `start`, fewer at the end of the file."""
        return self.data[start : min(start + count, self.size)]

    def take(self, start: int, count: int) -> bytes:
        """Exactly `count` bytes at `start`; TRUNCATED if the file ends before."""
        if start < 0 or start + count > self.size:
            raise MediaRejected(ReasonCode.TRUNCATED)
        return self.data[start : start + count]

    def unpack(self, form: str, start: int) -> tuple[int, ...]:
        """Integers laid out as `form` (struct's language) at `start`."""
        return struct.unpack(form, self.take(start, struct.calcsize(form)))

    def u32(self, start: int) -> int:
        """A big-endian 32-bit number."""
        return self.unpack(">I", start)[0]
