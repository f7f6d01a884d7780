"""Streams of bare frames: MP3 (ISO 11172-3, 13818-3) and AAC in ADTS (ISO 13818-7 §6.2). Both are walked whole."""

import functools
from typing import Final, NamedTuple, NoReturn

from core.domain.limits import TRACK_MAX_DURATION_S
from core.domain.media import Codec, Container, SourceFacts
from core.domain.reasons import ReasonCode as R
from scan.sniff.checks import check_form, facts, refuse, too_long
from scan.sniff.source import Source
from scan.sniff.tags import audio_end, audio_start

PROOF_FRAMES: Final = 3
"""So many frames in a row, or all there are, before bytes count as MP3 or ADTS."""
RESYNC_WINDOW: Final = 65_536
PADDING_FRAMES: Final = 4
"""At most so many hold an encoder's silence at both ends, or facts and no audio at all."""

_V1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_V2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
AAC_RATES: Final = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
AAC_CHANNELS: Final = (0, 1, 2, 3, 4, 5, 6, 8)


class Mp3Frame(NamedTuple):
    size: int
    version: int
    rate: int
    channels: int
    samples: int


@functools.lru_cache(maxsize=4096)
def mp3_frame(head: bytes) -> Mp3Frame | None:
    """A Layer III frame header; None for anything else, free format included."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer, bitrate_code, rate_code = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer != 1 or not 0 < bitrate_code < 15 or rate_code == 3:
        return None
    rate, samples = _RATES[version][rate_code], 1152 if version == 3 else 576
    bitrate = (_V1 if version == 3 else _V2)[bitrate_code] * 1000
    size = samples // 8 * bitrate // rate + (head[2] >> 1 & 1)
    return Mp3Frame(size, version, rate, 1 if head[3] >> 6 == 3 else 2, samples)


def recognise_mp3(source: Source) -> bool:
    at = audio_start(source)
    for number in range(PROOF_FRAMES):
        frame = mp3_frame(source.peek(at, 4))
        if frame is None:
            # A tag and then nothing but one or two frames is still a (tiny) MP3.
            return number > 0 and at >= audio_end(source, at)
        at += frame.size
    return True


def read_mp3(source: Source) -> SourceFacts:
    start = audio_start(source)
    first = mp3_frame(source.peek(start, 4))
    if first is None:
        refuse(R.CORRUPT)
    check_form(first.rate, first.channels)
    info = _info_frame(source, start, first)
    frames = _walk_mp3(source, start, audio_end(source, start), first, announced=info.frames if info else None)
    # The info frame holds no audio; a cut exactly between frames shows in its count.
    if info is not None:
        frames -= 1
        if info.frames is not None and frames < info.frames:
            refuse(R.TRUNCATED)
    samples, tolerance = frames * first.samples, 2 * first.samples
    if info is not None and info.trim is not None:
        samples, tolerance = samples - info.trim, first.samples
    return facts(
        Container.MP3,
        Codec.MP3,
        sample_rate=first.rate,
        channels=first.channels,
        samples=max(samples, 0),
        tolerance_samples=tolerance,
    )


def _walk_mp3(source: Source, start: int, end: int, first: Mp3Frame, *, announced: int | None) -> int:
    at, frames, peek = start, 0, source.peek
    while at < end:
        frame = mp3_frame(peek(at, 4))
        if frame is None or frame.rate != first.rate or frame.version != first.version:
            _refuse_lost_sync(source, at, end, done=announced is not None and frames > announced)
        if at + frame.size > end:
            refuse(R.TRUNCATED, "the last frame is cut")
        at += frame.size
        frames += 1
        if too_long((frames - PADDING_FRAMES) * frame.samples, frame.rate):
            refuse(R.TOO_LONG)
    return frames


def _refuse_lost_sync(source: Source, at: int, end: int, *, done: bool) -> NoReturn:
    """Audio again within the next bytes means damage, else something foreign follows."""
    if end - at < 4:
        refuse(R.TRUNCATED, "the last frame is cut")
    window = source.peek(at + 1, RESYNC_WINDOW)
    place = window.find(b"\xff")
    while place >= 0 and not done:
        frame = mp3_frame(window[place : place + 4])
        if frame and mp3_frame(source.peek(at + 1 + place + frame.size, 4)):
            refuse(R.CORRUPT, "the frames are interrupted")
        place = window.find(b"\xff", place + 1)
    refuse(R.TRAILING_BYTES)


class InfoFrame(NamedTuple):
    frames: int | None
    trim: int | None
    """Samples a decoder drops at both ends together (encoder delay and padding)."""


def _info_frame(source: Source, start: int, first: Mp3Frame) -> InfoFrame | None:
    """The Xing/Info frame with LAME's extension, or Fraunhofer's VBRI, if the first frame is one."""
    side = (17 if first.channels == 1 else 32) if first.version == 3 else (9 if first.channels == 1 else 17)
    frame = source.peek(start, first.size)
    if frame[36:40] == b"VBRI" and len(frame) >= 54:
        return InfoFrame(int.from_bytes(frame[50:54], "big"), None)
    body = frame[4 + side :]
    if body[:4] not in {b"Xing", b"Info"} or len(body) < 8:
        return None
    flags, at = int.from_bytes(body[4:8], "big"), 8
    frames = int.from_bytes(body[8:12], "big") if flags & 1 else None
    at += 4 * (flags & 1) + 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1) + 4 * (flags >> 3 & 1)
    lame = body[at : at + 24]
    if frames is None or len(lame) < 24 or lame[:4] not in {b"LAME", b"Lavf", b"Lavc"}:
        return InfoFrame(frames, None)
    gap = int.from_bytes(lame[21:24], "big")
    delay, padding = gap >> 12, gap & 0xFFF
    return InfoFrame(frames, delay + max(padding, 529))


class AdtsFrame(NamedTuple):
    size: int
    fixed: int
    rate: int
    channels: int
    samples: int


def adts_frame(head: bytes) -> AdtsFrame | None:
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return None
    rate_code, size = head[2] >> 2 & 15, (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    if rate_code >= len(AAC_RATES) or size < (7 if head[1] & 1 else 9):
        return None
    channels = AAC_CHANNELS[(head[2] & 1) << 2 | head[3] >> 6]
    fixed = int.from_bytes(head[:4], "big") >> 4
    return AdtsFrame(size, fixed, AAC_RATES[rate_code], channels, 1024 * ((head[6] & 3) + 1))


def recognise_adts(source: Source) -> bool:
    at = audio_start(source)
    for number in range(PROOF_FRAMES):
        frame = adts_frame(source.peek(at, 7))
        if frame is None:
            return number > 0 and at >= source.size
        at += frame.size
    return True


def read_adts(source: Source) -> SourceFacts:
    """The core's own rate and count: a decoder that finds SBR in the frames doubles both."""
    at = audio_start(source)
    first = adts_frame(source.peek(at, 7))
    if first is None:
        refuse(R.CORRUPT)
    check_form(first.rate, first.channels)
    samples, size, data = 0, source.size, source.data
    longest = TRACK_MAX_DURATION_S * first.rate + PADDING_FRAMES * 1024
    while at < size:
        # The whole header in one number: 28 fixed bits, 2 of copyright, 13 of length, 11 of fullness, 2 of blocks.
        head = int.from_bytes(data[at : at + 7], "big")
        length = head >> 13 & 0x1FFF
        if size - at < 7 or head >> 28 != first.fixed or length < 7:
            refuse(R.TRUNCATED if size - at < 7 and data[at] == 0xFF else R.TRAILING_BYTES)
        at += length
        samples += 1024 * ((head & 3) + 1)
        if samples > longest:
            refuse(R.TOO_LONG)
    if at > size:
        refuse(R.TRUNCATED, "the last frame is cut")
    return facts(
        Container.ADTS,
        Codec.AAC,
        sample_rate=first.rate,
        channels=first.channels,
        samples=samples,
        tolerance_samples=2 * 1024,
    )
