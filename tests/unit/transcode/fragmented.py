"""Fragmented MP4 written by hand, for tests that want every shape of it."""

import struct
from collections.abc import Sequence


def box(kind: str, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind.encode()) + body


def init(*, kind: str = "mp4a", timescale: int = 44_100, priming: int = 1024, version: int = 0) -> bytes:
    """`ftyp`+`moov` with one audio track."""
    mdhd = struct.pack(">B3xQQIQ4x" if version else ">B3xIIII4x", version, 0, 0, timescale, 0)
    elst = struct.pack(">B3xI", version, 1) + struct.pack(">Qq4x" if version else ">Ii4x", 0, priming)
    sample_entry = box(kind, bytes(28), _esds() if kind == "mp4a" else box("dfLa", bytes(38)))
    stsd = box("stsd", bytes(4), struct.pack(">I", 1), sample_entry)
    media = box("mdia", box("mdhd", mdhd), box("minf", box("stbl", stsd)))
    return box("ftyp", b"iso5") + box("moov", box("trak", box("edts", box("elst", elst)), media))


def _esds() -> bytes:
    config = b"\x05\x80\x80\x80\x02\x12\x10"  # AudioSpecificConfig: AAC-LC, 44.1 kHz, stereo
    decoder = b"\x04\x80\x80\x80" + bytes([13 + len(config)]) + b"\x40\x15" + bytes(11) + config
    return box("esds", bytes(4), b"\x03\x80\x80\x80" + bytes([3 + len(decoder)]) + bytes(3) + decoder)


def chunk(start: int, durations: Sequence[int], payload: bytes = b"", *, wide: bool = False) -> bytes:
    """`moof`+`mdat`. Equal durations go to the default of `tfhd`, others to each sample, as muxers do."""
    tfdt = struct.pack(">B3xQ" if wide else ">B3xI", wide, start)
    if len(set(durations)) == 1:
        tfhd = struct.pack(">BBHII", 0, 0, 0x8, 1, durations[0])
        trun = struct.pack(">II", 0x200, len(durations)) + b"".join(struct.pack(">I", 7) for _ in durations)
    else:
        tfhd = struct.pack(">BBHI", 0, 0, 0, 1)
        trun = struct.pack(">III", 0x301, len(durations), 0) + b"".join(struct.pack(">II", d, 7) for d in durations)
    moof = box("moof", box("mfhd", bytes(8)), box("traf", box("tfhd", tfhd), box("tfdt", tfdt), box("trun", trun)))
    return moof + box("mdat", payload)
