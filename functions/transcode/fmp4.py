"""Fragmented MP4 as ffmpeg writes it to a pipe: cut into the init section and chunks, and measured.

Boxes: ISO 14496-12. A chunk is `moof`+`mdat`; `tfdt`, `tfhd` and `trun` give its exact decode time and duration.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from core.domain.errors import EncoderFailed

HEADER = 8
BOX_MAX = 64 * 1024 * 1024
"""No chunk of a second comes near it; more means that we lost the grid."""


@dataclass(frozen=True, slots=True)
class Init:
    """`ftyp`+`moov`. `priming` are the samples a player drops at the start (the edit list's media time)."""

    data: bytes
    codec: str
    """RFC 6381, as CODECS wants it."""
    timescale: int
    priming: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """`moof`+`mdat`. Times in units of the track's timescale, which is its sample rate."""

    data: bytes
    start: int
    duration: int
    frames: int


def boxes(data: bytes) -> Iterator[tuple[str, bytes]]:
    """(type, body) of each box in `data`; EncoderFailed where a box runs over the end."""
    at = 0
    while at < len(data):
        size, kind = _header(data[at : at + HEADER])
        if at + size > len(data):
            raise EncoderFailed(f"box {kind} runs over its parent")
        yield kind, data[at + HEADER : at + size]
        at += size


def child(data: bytes, *path: str) -> bytes:
    """The body of the first box at `path`; EncoderFailed if there is none."""
    for name in path:
        found = next((body for kind, body in boxes(data) if kind == name), None)
        if found is None:
            raise EncoderFailed(f"no {name} box")
        data = found
    return data


def moved(chunk: Chunk, *, chunks: int, time: int) -> Chunk:
    """The chunk as it stands in a longer stream, so many chunks and units of time further on (mfhd, tfdt)."""
    data, start = bytearray(chunk.data), chunk.start + time
    sequence, decode_time = _place(chunk.data, "moof", "mfhd") + 4, _place(chunk.data, "moof", "traf", "tfdt")
    struct.pack_into(">I", data, sequence, struct.unpack_from(">I", data, sequence)[0] + chunks)
    struct.pack_into(">Q" if data[decode_time] == 1 else ">I", data, decode_time + 4, start)
    return replace(chunk, data=bytes(data), start=start)


def _place(data: bytes, *path: str) -> int:
    """Where the body of the first box at `path` begins."""
    begin, end = 0, len(data)
    for name in path:
        while begin < end:
            size, kind = _header(data[begin : begin + HEADER])
            if kind == name:
                begin, end = begin + HEADER, begin + size
                break
            begin += size
        else:
            raise EncoderFailed(f"no {name} box")
    return begin


def read_fragments(stream: BinaryIO) -> Iterator[Init | Chunk]:
    """The init section, then each chunk as soon as it is complete. EncoderFailed if the stream breaks off."""
    held = b""
    for kind, box in _read_boxes(stream):
        held += box
        if kind == "moov":
            yield _init(held)
            held = b""
        elif kind == "mdat":
            yield _chunk(held)
            held = b""
    if held:
        raise EncoderFailed("the encoder's output breaks off inside a chunk")


def _read_boxes(stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    while header := stream.read(HEADER):
        size, kind = _header(header)
        body = stream.read(size - HEADER)
        if len(body) != size - HEADER:
            raise EncoderFailed(f"the encoder's output breaks off inside {kind}")
        yield kind, header + body


def _header(data: bytes) -> tuple[int, str]:
    if len(data) < HEADER:
        raise EncoderFailed("the encoder's output breaks off inside a box header")
    size, kind = struct.unpack(">I4s", data)
    if not HEADER <= size <= BOX_MAX:
        raise EncoderFailed(f"a box of {size} bytes")
    return size, kind.decode("latin-1")


def _init(data: bytes) -> Init:
    trak = child(data, "moov", "trak")
    timescale = _field(child(trak, "mdia", "mdhd"), v0=12, v1=20)
    return Init(data=data, codec=_codec(trak), timescale=timescale, priming=_priming(trak))


def _field(full_box: bytes, *, v0: int, v1: int) -> int:
    """A 32-bit field of a full box whose place depends on the version."""
    value: int = struct.unpack_from(">I", full_box, v1 if full_box[0] == 1 else v0)[0]
    return value


def _priming(trak: bytes) -> int:
    """The media time of the last edit; empty edits (media time −1) shift the start and carry none."""
    if not any(kind == "edts" for kind, _ in boxes(trak)):
        return 0
    elst = child(trak, "edts", "elst")
    entry = struct.Struct(">Qq4x" if elst[0] == 1 else ">Ii4x")
    times: list[int] = [media_time for _, media_time in entry.iter_unpack(elst[8:])]
    return max([0, *times])


def _codec(trak: bytes) -> str:
    stsd = child(trak, "mdia", "minf", "stbl", "stsd")
    kind, entry = next(boxes(stsd[8:]))
    if kind == "fLaC":
        child(entry[28:], "dfLa")
        return kind
    if kind == "mp4a":
        return f"mp4a.40.{_audio_object_type(child(entry[28:], 'esds'))}"
    raise EncoderFailed(f"unexpected sample entry {kind}")


def _audio_object_type(esds: bytes) -> int:
    """From the AudioSpecificConfig (ISO 14496-3 §1.6.2.1) in ES_Descriptor > DecoderConfig > DecoderSpecificInfo."""
    at = 4
    for tag, fields in ((0x03, 3), (0x04, 13), (0x05, 0)):
        if esds[at] != tag:
            raise EncoderFailed("esds without an AudioSpecificConfig")
        at += 1
        while esds[at] & 0x80:
            at += 1
        at += 1 + fields
    return esds[at] >> 3


def _chunk(data: bytes) -> Chunk:
    traf = child(data, "moof", "traf")
    tfdt = child(traf, "tfdt")
    start: int = struct.unpack_from(">Q" if tfdt[0] == 1 else ">I", tfdt, 4)[0]
    frames, duration = _trun(child(traf, "trun"), _default_duration(child(traf, "tfhd")))
    return Chunk(data=data, start=start, duration=duration, frames=frames)


def _default_duration(tfhd: bytes) -> int | None:
    flags = int.from_bytes(tfhd[1:4], "big")
    if not flags & 0x8:
        return None
    at = 8 + 8 * bool(flags & 0x1) + 4 * bool(flags & 0x2)
    value: int = struct.unpack_from(">I", tfhd, at)[0]
    return value


def _trun(trun: bytes, default_duration: int | None) -> tuple[int, int]:
    """(frames, their whole duration)."""
    flags = int.from_bytes(trun[1:4], "big")
    frames: int = struct.unpack_from(">I", trun, 4)[0]
    if not flags & 0x100:
        if default_duration is None:
            raise EncoderFailed("a chunk without durations")
        return frames, frames * default_duration
    at = 8 + 4 * bool(flags & 0x1) + 4 * bool(flags & 0x4)
    width = 4 * (flags & 0xF00).bit_count()
    return frames, sum(struct.unpack_from(">I", trun, at + n * width)[0] for n in range(frames))
