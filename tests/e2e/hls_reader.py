"""An independent reader of what the CDN serves: parses playlists and boxes on its own, trusts nothing of ours.

Knows nothing of functions/transcode on purpose; the rules come from RFC 8216 and Apple's HLS authoring
specification for Apple devices (the numbers in the checks are that document's).
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urljoin, urlsplit

import httpx

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)')


@dataclass(frozen=True)
class Segment:
    url: str
    extinf: float
    body: bytes


@dataclass(frozen=True)
class MediaPlaylist:
    url: str
    attributes: dict[str, str]
    """The STREAM-INF attributes the master gives it."""
    target: int
    tags: tuple[str, ...]
    init: bytes
    segments: tuple[Segment, ...]

    @property
    def duration(self) -> float:
        return sum(s.extinf for s in self.segments)

    @property
    def boundaries(self) -> list[float]:
        ends, at = [], 0.0
        for segment in self.segments:
            at += segment.extinf
            ends.append(at)
        return ends

    @property
    def codec(self) -> str:
        return self.attributes["CODECS"].strip('"')


@dataclass(frozen=True)
class Presentation:
    url: str
    lines: tuple[str, ...]
    media: tuple[MediaPlaylist, ...]


def attributes(line: str) -> dict[str, str]:
    return dict(ATTRIBUTE.findall(line.partition(":")[2]))


def get(client: httpx.Client, url: str, media_type: str) -> bytes:
    """The body of a 200 without redirect (Apple 8.18), of the right MIME type (10.4) and cacheable."""
    response = client.get(url, follow_redirects=False)
    assert response.status_code == 200, f"{response.status_code} for {urlsplit(url).path.rpartition('/')[2]}"
    assert response.headers["content-type"].split(";")[0] == media_type
    assert "max-age=" in response.headers.get("cache-control", ""), "no cache lifetime"
    return response.content


def get_playlist(client: httpx.Client, url: str) -> tuple[str, ...]:
    """The lines of a gzip'd (Apple 10.1) UTF-8 playlist without BOM (RFC 8216 §4)."""
    raw = client.get(url, headers={"accept-encoding": "gzip"})
    assert raw.headers.get("content-encoding") == "gzip", "playlists must be gzip'd (Apple 10.1)"
    body = get(client, url, PLAYLIST_TYPE)
    assert not body.startswith(b"\xef\xbb\xbf")
    lines = tuple(body.decode("utf-8").splitlines())
    assert lines[0] == "#EXTM3U"
    return lines


def read_presentation(client: httpx.Client, master_url: str) -> Presentation:
    """Everything below a master playlist, fetched the way a player would."""
    lines = get_playlist(client, master_url)
    media = []
    for info, uri in pairwise(lines):
        if info.startswith("#EXT-X-STREAM-INF:"):
            assert_relative(uri)
            media.append(read_media(client, urljoin(master_url, uri), attributes(info)))
    return Presentation(master_url, lines, tuple(media))


def read_media(client: httpx.Client, url: str, stream_info: dict[str, str]) -> MediaPlaylist:
    lines = get_playlist(client, url)
    init = b""
    target = 0
    segments: list[Segment] = []
    extinf = 0.0
    for line in lines:
        if line.startswith("#EXT-X-MAP:"):
            uri = attributes(line)["URI"].strip('"')
            assert_relative(uri)
            init = get(client, urljoin(url, uri), "audio/mp4")
        elif line.startswith("#EXT-X-TARGETDURATION:"):
            target = int(line.partition(":")[2])
        elif line.startswith("#EXTINF:"):
            extinf = float(line.partition(":")[2].rstrip(","))
        elif line and not line.startswith("#"):
            assert_relative(line)
            segment_url = urljoin(url, line)
            segments.append(Segment(segment_url, extinf, get(client, segment_url, "audio/mp4")))
    return MediaPlaylist(url, stream_info, target, lines, init, tuple(segments))


def assert_relative(uri: str) -> None:
    assert not urlsplit(uri).scheme, f"absolute URI {uri}"
    assert not uri.startswith("/"), f"absolute path {uri}"


@dataclass(frozen=True)
class Box:
    type: str
    body: bytes


def boxes(data: bytes) -> Iterator[Box]:
    """Top-level ISO BMFF boxes (ISO 14496-12 §4.2)."""
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        assert 8 <= size <= len(data) - at, "box runs over the end"
        yield Box(kind.decode("latin-1"), data[at + 8 : at + size])
        at += size


def child(data: bytes, *path: str) -> bytes:
    """The body of the first box at a path such as moov, trak, mdia."""
    for name in path:
        data = next(b.body for b in boxes(data) if b.type == name)
    return data


def timescale(init: bytes) -> int:
    mdhd = child(init, "moov", "trak", "mdia", "mdhd")
    return int(struct.unpack_from(">I", mdhd, 20 if mdhd[0] == 1 else 12)[0])


def codec_of(init: bytes) -> str:
    """The RFC 6381 codec of the one audio sample entry."""
    traks = [b for b in boxes(child(init, "moov")) if b.type == "trak"]
    assert len(traks) == 1, "one audio stream per segment (Apple 2.17)"
    stsd = child(init, "moov", "trak", "mdia", "minf", "stbl", "stsd")
    entry = next(boxes(stsd[8:]))
    if entry.type == "mp4a":
        esds = child(entry.body[28:], "esds")
        at = esds.index(b"\x05", 4 + esds[4:].index(b"\x04") + 1)
        while esds[at + 1] & 0x80:
            at += 1
        return f"mp4a.40.{esds[at + 2] >> 3}"
    return entry.type


def decode_times(segment: bytes, default_duration: int | None = None) -> list[tuple[int, int]]:
    """(tfdt, duration) of each moof of a segment, in the track's timescale."""
    found = []
    for box in boxes(segment):
        if box.type != "moof":
            continue
        traf = child(box.body, "traf")
        tfdt = child(traf, "tfdt")
        start = struct.unpack_from(">Q" if tfdt[0] == 1 else ">I", tfdt, 4)[0]
        found.append((start, trun_duration(traf, default_duration)))
    return found


def trun_duration(traf: bytes, default_duration: int | None) -> int:
    tfhd = child(traf, "tfhd")
    flags = int.from_bytes(tfhd[1:4], "big")
    at = 8 + (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
    if flags & 0x8:
        default_duration = struct.unpack_from(">I", tfhd, at)[0]
    trun = child(traf, "trun")
    flags = int.from_bytes(trun[1:4], "big")
    count = struct.unpack_from(">I", trun, 4)[0]
    at = 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
    width = 4 * bin(flags & 0xF00).count("1")
    if flags & 0x100:
        return sum(struct.unpack_from(">I", trun, at + n * width)[0] for n in range(count))
    assert default_duration is not None, "no sample duration"
    return int(count * default_duration)
