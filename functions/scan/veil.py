"""clamd says OK of some files without a look at all of their bytes, so it is shown them once more, under another
beginning.

Its file types of the kind CL_TYPE_IGNORED (filetypes_int.h of ClamAV 1.4: MP3, Ogg, RealMedia, some texts) are held
against no signature, not even one of the whole file's hash; Aho-Corasick stops in whatever has the mark of one, a
picture of a PDF, near its start (cli_ac_scanbuff of matcher-ac.c); and of "binary data" with an HTML tag only the
normalised HTML is searched. Whoever sends a file chooses its first bytes, and newer definitions may name other types. A
RIFF that is no animated cursor is searched raw, once, for signatures and embedded files alike (cli_check_riff_exploit
of special.c, scanraw of scanners.c), and nothing within it but that mark makes it anything else.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

SEARCHED: Final = b"RIFF"
_FORM: Final = slice(8, 12)
_CURSOR, _WAVE = b"ACON", b"WAVE"
_MARK: Final = b"/RGB\nID\n" + b"\xff" * 24
_BROKEN_MARK: Final = b"." + _MARK[1:]
_MARKED_TO: Final = 128 + len(_MARK)


def is_searched(descriptor: int) -> bool:
    """Whether clamd searches the file as it is."""
    head = os.pread(descriptor, _MARKED_TO, 0)
    return head == _other(head)


@contextmanager
def veiled(descriptor: int) -> Iterator[None]:
    """The file is a RIFF meanwhile, without that mark, and no animated cursor."""
    head = os.pread(descriptor, _MARKED_TO, 0)
    os.pwrite(descriptor, _other(head), 0)
    try:
        yield
    finally:
        os.pwrite(descriptor, head, 0)


def _other(head: bytes) -> bytes:
    other = bytearray(head)
    other[: len(SEARCHED)] = SEARCHED[: len(head)]
    if other[_FORM] == _CURSOR:
        other[_FORM] = _WAVE
    return bytes(other).replace(_MARK, _BROKEN_MARK)
