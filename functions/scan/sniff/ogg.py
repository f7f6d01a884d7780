"""Ogg (RFC 3533) with one logical stream of Vorbis, Opus (RFC 7845) or FLAC (RFC 9639 §10.1)."""

from typing import Final, NamedTuple

from core.domain.media import Codec, Container, SourceFacts
from core.domain.reasons import ReasonCode as R
from scan.sniff.checks import facts, refuse
from scan.sniff.flac import stream_info
from scan.sniff.source import Source

MAX_PAGES: Final = 2_000_000
"""Six hours of Opus with every 20 ms packet on its own page are 1.08 million."""
NO_PACKET_ENDS: Final = 0xFFFF_FFFF_FFFF_FFFF
LONGEST_PACKET: Final = 8192
"""Samples: Vorbis' largest block; Opus has 5,760."""


class Page(NamedTuple):
    flags: int
    granule: int
    serial: int
    sequence: int
    body: int
    segments: int
    end: int

    @property
    def first(self) -> bool:
        return bool(self.flags & 2)

    @property
    def last(self) -> bool:
        return bool(self.flags & 4)


class Head(NamedTuple):
    codec: Codec
    rate: int
    channels: int
    bits: int | None
    pre_skip: int


def recognise(source: Source) -> bool:
    return source.peek(0, 4) == b"OggS"


def read(source: Source) -> SourceFacts:
    opening = _page(source, 0)
    head = _head(source, opening)
    following = _page(source, opening.end)
    if following.first:
        other = source.peek(following.body, 8)
        refuse(R.VIDEO if _is_video(other) else R.TOO_MANY_STREAMS)
    last_granule, first_audio = _walk(source, opening)
    # A stream that was cut out of a longer one starts late: its last position is then no count.
    starts_late = first_audio is not None and first_audio.granule > (first_audio.segments + 1) * LONGEST_PACKET
    # A position tells only where a page ends. If there is but one page, decoders of Vorbis, whose blocks differ in
    # length, can't tell what to drop at which end, and ffmpeg is off by up to a block.
    one_page = head.codec is Codec.VORBIS and first_audio is not None and first_audio.last
    return facts(
        Container.OGG,
        head.codec,
        sample_rate=head.rate,
        channels=head.channels,
        bits_per_sample=head.bits,
        samples=None if starts_late else max(last_granule - head.pre_skip, 0),
        tolerance_samples=LONGEST_PACKET if one_page else 0,
    )


def _walk(source: Source, opening: Page) -> tuple[int, Page | None]:
    """The last granule position and the first page with one; refuses gaps, other streams and a missing end."""
    at, sequence, granule, audio = opening.end, opening.sequence, 0, None
    for _ in range(MAX_PAGES):
        page = _page(source, at)
        if page.first or page.serial != opening.serial:
            refuse(R.TOO_MANY_STREAMS)
        if page.sequence != (sequence + 1) & 0xFFFF_FFFF:
            refuse(R.CORRUPT, "a page is missing")
        if page.granule != NO_PACKET_ENDS:
            if page.granule < granule:
                refuse(R.CORRUPT, "time runs backwards")
            granule = page.granule
            audio = page if audio is None and granule > 0 else audio
        at, sequence = page.end, page.sequence
        if page.last:
            break
    else:
        refuse(R.CORRUPT, "too many pages")
    if at < source.size:
        refuse(R.TOO_MANY_STREAMS if source.peek(at, 4) == b"OggS" else R.TRAILING_BYTES)
    return granule, audio


def _page(source: Source, at: int) -> Page:
    if at >= source.size:
        refuse(R.TRUNCATED, "no last page")
    if source.peek(at, 5) != b"OggS\0":
        refuse(R.TRUNCATED if source.size - at < 5 else R.CORRUPT, "no page where one must be")
    flags, granule, serial, sequence, _crc, segments = source.unpack("<BQIIIB", at + 5)
    lacing = source.take(at + 27, segments)
    body = at + 27 + segments
    end = body + sum(lacing)
    if end > source.size:
        refuse(R.TRUNCATED, "the last page is cut")
    return Page(flags, granule, serial, sequence, body, segments, end)


def _is_video(start: bytes) -> bool:
    return start[:7] == b"\x80theora" or start[:5] in {b"BBCD\0", b"OVP80", b"\x01vide"}


def _head(source: Source, page: Page) -> Head:
    """What the identification packet on the first page says."""
    packet = source.peek(page.body, min(page.end - page.body, 64))
    if not page.first:
        refuse(R.CORRUPT, "the stream has no beginning")
    if packet[:7] == b"\x01vorbis" and len(packet) >= 16:
        return Head(Codec.VORBIS, int.from_bytes(packet[12:16], "little"), packet[11], None, 0)
    if packet[:8] == b"OpusHead" and len(packet) >= 19:
        return Head(Codec.OPUS, 48_000, packet[9], None, int.from_bytes(packet[10:12], "little"))
    if packet[:5] == b"\x7fFLAC" and packet[9:13] == b"fLaC" and len(packet) >= 51:
        info = stream_info(packet[17:51])
        return Head(Codec.FLAC, info.sample_rate, info.channels, info.bits, 0)
    return refuse(R.VIDEO if _is_video(packet) else R.FORMAT_UNSUPPORTED, "unknown codec in Ogg")
