"""Files that are something else: archives, playlists, video, pictures, and audio we do not take."""

import re
from typing import Final

from core.domain.reasons import ReasonCode as R
from scan.sniff.source import Source

MAGIC: Final[tuple[tuple[int, bytes, R], ...]] = (
    (0, b"PK\x03\x04", R.ARCHIVE),
    (0, b"PK\x05\x06", R.ARCHIVE),
    (0, b"PK\x07\x08", R.ARCHIVE),
    (0, b"\x1f\x8b", R.ARCHIVE),  # gzip
    (0, b"\x1f\x9d", R.ARCHIVE),  # compress
    (0, b"BZh", R.ARCHIVE),
    (0, b"7z\xbc\xaf\x27\x1c", R.ARCHIVE),
    (0, b"Rar!\x1a\x07", R.ARCHIVE),
    (0, b"\xfd7zXZ\x00", R.ARCHIVE),
    (0, b"\x28\xb5\x2f\xfd", R.ARCHIVE),  # zstd
    (0, b"\x04\x22\x4d\x18", R.ARCHIVE),  # lz4
    (0, b"LZIP", R.ARCHIVE),
    (0, b"MSCF", R.ARCHIVE),
    (0, b"\x60\xea", R.ARCHIVE),  # arj
    (0, b"!<arch>\n", R.ARCHIVE),
    (0, b"070701", R.ARCHIVE),
    (0, b"070707", R.ARCHIVE),
    (257, b"ustar", R.ARCHIVE),
    (0x8001, b"CD001", R.ARCHIVE),
    (0, b"\x1aE\xdf\xa3", R.VIDEO),  # Matroska, WebM
    (0, b"FLV\x01", R.VIDEO),
    (0, b"\x00\x00\x01\xba", R.VIDEO),  # MPEG program stream
    (0, b"\x00\x00\x01\xb3", R.VIDEO),  # MPEG video
    (0, b".RMF", R.VIDEO),
    (8, b"AVI ", R.VIDEO),
    (0, b"wvpk", R.FORMAT_UNSUPPORTED),
    (0, b"MAC ", R.FORMAT_UNSUPPORTED),
    (0, b"TTA1", R.FORMAT_UNSUPPORTED),
    (0, b"MPCK", R.FORMAT_UNSUPPORTED),
    (0, b"MP+", R.FORMAT_UNSUPPORTED),
    (0, b"DSD ", R.FORMAT_UNSUPPORTED),
    (0, b"FRM8", R.FORMAT_UNSUPPORTED),
    (0, b"caff", R.FORMAT_UNSUPPORTED),
    (0, b".snd", R.FORMAT_UNSUPPORTED),
    (0, b"MThd", R.FORMAT_UNSUPPORTED),
    (0, b"#!AMR", R.FORMAT_UNSUPPORTED),
    (0, b"\x0b\x77", R.FORMAT_UNSUPPORTED),  # AC-3
    (0, b"\x7f\xfe\x80\x01", R.FORMAT_UNSUPPORTED),  # DTS
    (0, b"riff\x2e\x91\xcf\x11", R.FORMAT_UNSUPPORTED),  # Sony Wave64
    (0, b"Creative Voice File", R.FORMAT_UNSUPPORTED),
    (4, b"moov", R.FORMAT_UNSUPPORTED),  # QuickTime before ISO 14496-12
    (4, b"mdat", R.FORMAT_UNSUPPORTED),
)
"""(offset, bytes, reason). Pictures and documents need no row: what nothing recognises is NOT_AUDIO."""

ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")

PLAYLIST = re.compile(
    rb"#EXTM3U|\[playlist\]|ffconcat version|<asx\b|<\?xml[^<]{0,200}<playlist\b|<playlist\b"
    rb"|(?:(?:REM|TITLE|PERFORMER|CATALOG) [^\n]*\n){0,40}FILE \"[^\"\n]{1,255}\" (?:WAVE|MP3|AIFF|BINARY|FLAC)",
    re.IGNORECASE,
)


def recognise(source: Source) -> R | None:
    """Why this file is refused, if it is something known that is not accepted audio."""
    for offset, magic, reason in MAGIC:
        if source.peek(offset, len(magic)) == magic:
            return reason
    if source.peek(0, 16) == ASF:
        return R.VIDEO if ASF_VIDEO in source.peek(0, 65536) else R.FORMAT_UNSUPPORTED
    if _transport_stream(source):
        return R.VIDEO
    text = source.peek(0, 8192).removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").lstrip()
    return R.PLAYLIST if PLAYLIST.match(text) else None


def _transport_stream(source: Source) -> bool:
    """MPEG-TS: a sync byte every 188 bytes (every 192, after four, on Blu-ray discs)."""
    return any(
        all(source.peek(first + packet * step, 1) == b"\x47" for packet in range(5))
        for first, step in ((0, 188), (4, 192))
    )


def ends_as_zip(source: Source) -> bool:
    """Whether an unpacker would find a zip at the end of the file, whatever it begins with (APPNOTE 4.3.16)."""
    tail_start = max(0, source.size - 65_557)
    tail = source.peek(tail_start, 65_557)
    at = len(tail)
    for _ in range(64):
        at = tail.rfind(b"PK\x05\x06", 0, at)
        if at < 0:
            return False
        comment = int.from_bytes(tail[at + 20 : at + 22], "little")
        directory = int.from_bytes(tail[at + 12 : at + 16], "little")
        # A pad byte of the container around it does not stop an unpacker.
        closes = len(tail) - 1 <= at + 22 + comment <= len(tail)
        if closes and source.peek(tail_start + at - directory, 4) == b"PK\x01\x02":
            return True
    return False
