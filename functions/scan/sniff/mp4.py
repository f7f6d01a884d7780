"""M4A/MP4 (ISO 14496-12): one audio track, its samples all present, nothing behind the last box."""

from array import array
from dataclasses import dataclass, field
from typing import Final

from core.domain.media import Codec, Container, SourceFacts
from core.domain.reasons import ReasonCode as R
from scan.sniff.boxes import MAX_BOXES, AudioForm, Box, audio_form, child, children, needed
from scan.sniff.checks import facts, refuse
from scan.sniff.fragments import fragment_samples
from scan.sniff.source import Source

TOP_LEVEL: Final = frozenset(
    b"ftyp moov mdat free skip wide udta meta uuid moof mfra sidx ssix styp pdin emsg prft pnot".split()
)
PICTURES: Final = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"crx "})
SIDE_TRACKS: Final = frozenset({b"text", b"sbtl", b"subt", b"meta", b"tmcd", b"clcp"})
"""Handlers of chapters, lyrics and time codes: harmless, never read."""
MAX_ENTRIES: Final = 4_000_000
"""Of one table: six hours of 96 kHz AAC are two million frames."""
AAC_SLACK_FRAMES: Final = 3
"""A decoder may or may not drop the priming frames and the padding at the end."""


def recognise(source: Source) -> bool:
    return source.peek(4, 4) == b"ftyp"


@dataclass
class Layout:
    """The top level of the file."""

    moov: Box | None = None
    moofs: list[Box] = field(default_factory=list)
    mdats: list[Box] = field(default_factory=list)


def read(source: Source) -> SourceFacts:
    if source.peek(8, 4) in PICTURES:
        refuse(R.NOT_AUDIO)
    layout = _layout(source)
    if layout.moov is None:
        refuse(R.TRUNCATED, "no moov")
    if not layout.mdats:
        refuse(R.EMPTY)
    trak = _audio_track(source, layout.moov)
    _refuse_references(source, needed(source, trak, b"mdia", b"minf"))
    tables = needed(source, trak, b"mdia", b"minf", b"stbl")
    form = audio_form(source, needed(source, tables, b"stsd"))
    timescale, _ = _media_time(source, needed(source, trak, b"mdia", b"mdhd"))
    ticks, frame = _decoding_time(source, needed(source, tables, b"stts"))
    if layout.moofs:
        fragment_ticks, frame = fragment_samples(source, layout.moov, layout.moofs, trak)
        ticks += fragment_ticks
    else:
        _check_present(source, tables, layout.mdats)
    ticks, rounding = _edited(source, layout.moov, trak, ticks, timescale)
    return _facts(form, ticks, timescale, frame, rounding)


def _facts(form: AudioForm, ticks: int, timescale: int, frame: int, rounding: int) -> SourceFacts:
    exact = form.codec is Codec.ALAC
    slack = AAC_SLACK_FRAMES * max(frame * form.rate // timescale, 1024)
    return facts(
        Container.MP4,
        form.codec,
        sample_rate=form.rate,
        channels=form.channels,
        bits_per_sample=form.bits,
        samples=ticks * form.rate // timescale,
        tolerance_samples=rounding * form.rate // timescale + (0 if exact else min(slack, 4 * 4096)),
    )


def _layout(source: Source) -> Layout:
    layout, at = Layout(), 0
    for _ in range(MAX_BOXES):
        if at >= source.size:
            return layout
        kind, whole = source.peek(at + 4, 4), layout.moov is not None and bool(layout.mdats)
        if kind not in TOP_LEVEL:
            refuse(R.TRAILING_BYTES if whole else R.TRUNCATED if len(kind) < 4 else R.CORRUPT, f"box {kind!r}")
        size, body = source.u32(at), at + 8
        if size == 1:
            size, body = source.unpack(">Q", at + 8)[0], at + 16
        end = source.size if size == 0 else at + size
        if end > source.size:
            refuse(R.TRUNCATED, f"box {kind!r} ends behind the file")
        if end < body:
            refuse(R.CORRUPT, f"box {kind!r} is too small")
        box = Box(kind, at, body, end, size == 0)
        if kind == b"moov":
            layout.moov = box if layout.moov is None else refuse(R.CORRUPT, "two moov boxes")
        elif kind == b"moof":
            layout.moofs.append(box)
        elif kind == b"mdat":
            layout.mdats.append(box)
        at = end
    return refuse(R.CORRUPT, "too many boxes")


def _audio_track(source: Source, moov: Box) -> Box:
    tracks: list[Box] = []
    for trak in children(source, moov.body, moov.end):
        if trak.kind != b"trak":
            continue
        handler = source.take(needed(source, trak, b"mdia", b"hdlr").body + 8, 4)
        if handler == b"vide":
            refuse(R.VIDEO)
        if handler == b"soun":
            tracks.append(trak)
        elif handler not in SIDE_TRACKS:
            refuse(R.FORMAT_UNSUPPORTED, f"track of kind {handler!r}")
    if not tracks:
        refuse(R.NOT_AUDIO)
    if len(tracks) > 1:
        refuse(R.TOO_MANY_STREAMS)
    return tracks[0]


def _refuse_references(source: Source, minf: Box) -> None:
    """Audio kept in another file: every data reference must say "in this file" (ISO 14496-12 §8.7.2)."""
    dref = child(source, minf, b"dinf", b"dref")
    if dref is None:
        return
    for entry in children(source, dref.body + 8, dref.end):
        if not source.u32(entry.body) & 1:
            refuse(R.FORMAT_UNSUPPORTED, "refers to another file")


def _media_time(source: Source, header: Box) -> tuple[int, int]:
    """(timescale, duration) of an mdhd or mvhd box."""
    if source.take(header.body, 1) == b"\1":
        timescale, duration = source.unpack(">IQ", header.body + 20)
    else:
        timescale, duration = source.unpack(">II", header.body + 12)
    return timescale or refuse(R.CORRUPT, "time scale 0"), duration


def _entries(source: Source, box: Box, at: int, count: int, width: int) -> "array[int]":
    """A table of big-endian numbers of `width` bytes that must lie inside its box."""
    if count > MAX_ENTRIES or at + count * width > box.end:
        refuse(R.CORRUPT, f"table {box.kind!r} does not fit")
    numbers = array("Q" if width == 8 else "I")
    numbers.frombytes(source.take(at, count * width))
    numbers.byteswap()  # x86-64 and arm64 are little-endian
    return numbers


def _decoding_time(source: Source, stts: Box) -> tuple[int, int]:
    """(sum of all durations, the first one) in the track's time scale."""
    count = source.u32(stts.body + 4)
    pairs = _entries(source, stts, stts.body + 8, count * 2, 4)
    total = sum(samples * delta for samples, delta in zip(pairs[::2], pairs[1::2], strict=True))
    return total, pairs[1] if count else 0


def _check_present(source: Source, tables: Box, mdats: list[Box]) -> None:
    """The chunk that lies last must end inside the file, and inside the media data."""
    stsz = needed(source, tables, b"stsz")
    fixed, count = source.unpack(">II", stsz.body + 4)
    if count == 0:
        refuse(R.EMPTY)
    sizes = None if fixed else _entries(source, stsz, stsz.body + 12, count, 4)
    total = fixed * count if sizes is None else sum(sizes)
    if total > sum(box.end - box.body for box in mdats):
        refuse(R.TRUNCATED, "samples are missing")
    wide = child(source, tables, b"co64")
    offsets_box = wide or needed(source, tables, b"stco")
    offsets = _entries(source, offsets_box, offsets_box.body + 8, source.u32(offsets_box.body + 4), 8 if wide else 4)
    if not offsets:
        refuse(R.EMPTY)
    last = max(range(len(offsets)), key=offsets.__getitem__)
    first, length = _samples_of_chunk(source, needed(source, tables, b"stsc"), last)
    end = offsets[last] + (fixed * length if sizes is None else sum(sizes[first : first + length]))
    if end > source.size:
        refuse(R.TRUNCATED, "samples are missing")
    home = next((box for box in mdats if box.body <= offsets[last] < box.end), None)
    if home is None or end > home.end:
        refuse(R.CORRUPT, "samples outside of the media data")
    if home.open_ended and end < home.end:
        refuse(R.TRAILING_BYTES)


def _samples_of_chunk(source: Source, stsc: Box, chunk: int) -> tuple[int, int]:
    """(first sample, number of samples) of a chunk counted from 0 (ISO 14496-12 §8.7.4)."""
    runs = _entries(source, stsc, stsc.body + 8, source.u32(stsc.body + 4) * 3, 4)
    first, at, per_chunk = 0, 1, 0
    for start, samples in zip(runs[::3], runs[1::3], strict=True):
        if start > chunk + 1:
            break
        first += (start - at) * per_chunk
        at, per_chunk = start, samples
    return max(first + (chunk + 1 - at) * per_chunk, 0), per_chunk


def _edited(source: Source, moov: Box, trak: Box, ticks: int, timescale: int) -> tuple[int, int]:
    """(what the edit list shows of `ticks`, its rounding error), both in the track's time scale."""
    elst = child(source, trak, b"edts", b"elst")
    if elst is None:
        return ticks, 0
    movie_scale, _ = _media_time(source, needed(source, moov, b"mvhd"))
    wide = source.take(elst.body, 1) == b"\1"
    count, width, form = source.u32(elst.body + 4), 20 if wide else 12, ">Qq" if wide else ">Ii"
    if count > 1_000 or elst.body + 8 + count * width > elst.end:
        refuse(R.CORRUPT, "edit list does not fit")
    shown, unit = 0, timescale // movie_scale + 1
    for number in range(count):
        duration, media_time = source.unpack(form, elst.body + 8 + number * width)
        if media_time < 0:
            continue
        left = max(ticks - media_time, 0)
        length = duration * timescale // movie_scale
        # The movie's clock is coarse: a segment that ends within its unit of the media ends with the media.
        shown += left if length == 0 or abs(length - left) <= unit else min(length, left)
    return (shown, unit) if shown else (ticks, 0)
