"""clamd says OK of MP3 and Ogg without reading a byte of them, so it is shown files that begin differently.

Its file types of the kind CL_TYPE_IGNORED (filetypes_int.h of ClamAV 1.4) are held against no signature, not even one
of the whole file's hash. A RIFF that is no animated cursor is searched raw, once, for signatures and embedded files
alike (cli_check_riff_exploit of special.c, scanraw of scanners.c).
"""

import os
from typing import Final

UNREAD: Final = (b"ID3", b"\xff\xfb\x90", b"OggS")
"""How the ignored types among the audio that we take begin."""
SEARCHED: Final = b"RIFF"


def veil(descriptor: int) -> bytes:
    """Lets a file that clamd would ignore begin with `RIFF`; returns its first bytes as they were."""
    head = os.pread(descriptor, len(SEARCHED), 0)
    if head.startswith(UNREAD):
        os.pwrite(descriptor, SEARCHED[: len(head)], 0)
    return head
