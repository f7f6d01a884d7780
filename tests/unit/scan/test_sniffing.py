"""What is audio, and what is refused and why; no decoder involved."""

import struct
from collections.abc import Callable
from math import ceil

import pytest

from core.domain.errors import MediaRejected
from core.domain.limits import TRACK_MAX_DURATION_S
from core.domain.media import Codec, Container
from core.domain.reasons import ReasonCode
from scan.sniff import sniff
from scan.sniff.foreign import MAGIC
from tests import corpus
from tests.corpus import BadSample, RefusedBy, Sample, named


@pytest.mark.parametrize("sample", corpus.good(), ids=str)
def test_accepted_audio_is_described_by_its_container(sample: Sample) -> None:
    facts = sniff(sample.read(), sample.filename)

    assert (facts.container, facts.codec) == (sample.container, sample.codec)
    assert (facts.sample_rate, facts.channels) == (sample.sample_rate, sample.channels)
    assert facts.bits_per_sample == sample.bits_per_sample
    assert facts.lossless == sample.lossless


@pytest.mark.parametrize("sample", corpus.good(), ids=str)
def test_the_promised_count_is_what_went_in(sample: Sample) -> None:
    facts = sniff(sample.read(), sample.filename)

    assert facts.samples is not None
    assert abs(facts.samples - sample.samples) <= facts.tolerance_samples
    if sample.lossless and sample.container is not Container.MP4:
        assert facts.tolerance_samples == 0


def adts_of(samples: int) -> bytes:
    """Frames of 8 kHz mono that hold nothing, as many as an encoder makes of so many samples."""
    size = 11
    head = bytes((0xFF, 0xF1, 0x6C, 0x40, size >> 3, (size & 7) << 5 | 0x1F, 0xFC))
    return (head + bytes(size - 7)) * (ceil(samples / 1024) + 1)


def mp3_of(samples: int) -> bytes:
    """The same of MPEG 2.5 at 8 kbit/s: frames of 72 bytes and 576 samples, without an info frame."""
    return (bytes((0xFF, 0xE3, 0x18, 0xC4)) + bytes(68)) * (ceil(samples / 576) + 2)


@pytest.mark.parametrize(("filename", "make"), [("song.aac", adts_of), ("song.mp3", mp3_of)])
def test_six_hours_may_be_padded_by_their_encoder_and_no_more(filename: str, make: Callable[[int], bytes]) -> None:
    """Encoders put silence at both ends. The longest piece that is taken must not be refused for that."""
    longest = TRACK_MAX_DURATION_S * 8000

    facts = sniff(make(longest), filename)

    assert facts.samples is not None
    assert facts.samples > longest
    with pytest.raises(MediaRejected) as rejected:
        sniff(make(longest + 8000), filename)
    assert rejected.value.reason is ReasonCode.TOO_LONG


@pytest.mark.parametrize("name", ["brief-ogg-vorbis", "brief-opus", "ogg-vorbis"])
def test_only_vorbis_on_a_single_page_tells_its_length_roughly(name: str) -> None:
    sample = named([*corpus.good(), *corpus.brief()], name)

    facts = sniff(sample.read(), sample.filename)

    assert (facts.tolerance_samples > 0) is (name == "brief-ogg-vorbis")


@pytest.mark.parametrize("sample", [s for s in corpus.bad() if s.refused_by is RefusedBy.SCAN], ids=str)
def test_bad_files_are_refused_with_the_reason_that_helps(sample: BadSample) -> None:
    with pytest.raises(MediaRejected) as rejected:
        sniff(sample.read(), sample.filename)

    assert rejected.value.reason is (sample.sniffed or sample.reason)


@pytest.mark.parametrize("sample", [s for s in corpus.bad() if s.refused_by is RefusedBy.TRANSCODE], ids=str)
def test_damage_inside_the_audio_is_left_to_the_decoder(sample: BadSample) -> None:
    assert sniff(sample.read(), sample.filename).codec is Codec.FLAC


@pytest.mark.parametrize(("offset", "magic", "reason"), MAGIC)
def test_known_foreign_formats_are_named(offset: int, magic: bytes, reason: ReasonCode) -> None:
    with pytest.raises(MediaRejected) as rejected:
        sniff((b"\x02" * offset + magic).ljust(40_000, b"\x02"), "song.wav")

    assert rejected.value.reason is reason


@pytest.mark.parametrize("cut", [1, 2, 7, 8, 44, 1000])
@pytest.mark.parametrize("name", ["wav-24", "aiff-16", "flac-mono", "ogg-vorbis", "opus-mono", "mp3-cbr", "aac-adts"])
def test_even_a_few_missing_bytes_are_noticed(name: str, cut: int) -> None:
    sample = corpus.sample(name)

    with pytest.raises(MediaRejected) as rejected:
        sniff(sample.read()[:-cut], sample.filename)

    assert rejected.value.reason is ReasonCode.TRUNCATED


@pytest.mark.parametrize("name", ["flac-mono", "wav-24", "aiff-16", "alac-16", "ogg-vorbis"])
@pytest.mark.parametrize("tail", [b"x" * 9, b"\xff\xf8" * 40, bytes(1000)], ids=["letters", "syncs", "zeros"])
def test_bytes_behind_the_audio_are_noticed(name: str, tail: bytes) -> None:
    sample = corpus.sample(name)

    with pytest.raises(MediaRejected) as rejected:
        sniff(sample.read() + tail, sample.filename)

    assert rejected.value.reason is ReasonCode.TRAILING_BYTES


def test_an_id3v1_tag_behind_mp3_is_no_trailing_bytes_but_behind_flac_it_is() -> None:
    tag = b"TAG".ljust(128, b"\0")
    mp3, flac = corpus.sample("mp3-cbr"), corpus.sample("flac-16")

    assert sniff(mp3.read() + tag, mp3.filename).samples == mp3.samples
    with pytest.raises(MediaRejected) as rejected:
        sniff(flac.read() + tag, flac.filename)
    assert rejected.value.reason is ReasonCode.TRAILING_BYTES


def test_an_ape_tag_behind_mp3_is_no_trailing_bytes() -> None:
    sample = corpus.sample("mp3-cbr")

    def ape(flags: int) -> bytes:
        return b"APETAGEX" + struct.pack("<IIII", 2000, 32 + 20, 0, flags) + bytes(8)

    tag = ape(0xA000_0000) + bytes(20) + ape(0x8000_0000)
    assert sniff(sample.read() + tag, sample.filename).samples == sample.samples
    assert sniff(sample.read() + tag + b"TAG".ljust(128, b"\0"), sample.filename).samples == sample.samples


def test_flac_cut_between_two_frames_is_truncated() -> None:
    sample = corpus.sample("flac-16")
    data = sample.read()
    last_frame = data.rfind(b"\xff\xf8", 0, len(data) - 100)

    with pytest.raises(MediaRejected) as rejected:
        sniff(data[:last_frame], sample.filename)

    assert rejected.value.reason is ReasonCode.TRUNCATED


def test_a_bit_flipped_in_the_last_flac_frame_is_damage() -> None:
    sample = corpus.sample("flac-16")
    data = bytearray(sample.read())
    data[-20] ^= 1

    with pytest.raises(MediaRejected) as rejected:
        sniff(bytes(data), sample.filename)

    assert rejected.value.reason is ReasonCode.CORRUPT


def test_flac_of_unknown_length_is_refused_because_a_cut_would_not_show() -> None:
    sample = corpus.sample("flac-16")
    data = bytearray(sample.read())
    data[8 + 13] &= 0xF0
    data[8 + 14 : 8 + 18] = bytes(4)

    with pytest.raises(MediaRejected) as rejected:
        sniff(bytes(data), sample.filename)

    assert rejected.value.reason is ReasonCode.CORRUPT


def test_a_wav_whose_recorder_never_finished_the_header_is_truncated() -> None:
    data = bytearray(corpus.sample("wav-16").read())
    data[4:8] = data[40:44] = bytes(4)

    with pytest.raises(MediaRejected) as rejected:
        sniff(bytes(data), "song.wav")

    assert rejected.value.reason is ReasonCode.TRUNCATED


def test_a_wav_with_an_absurd_rate_is_unsupported() -> None:
    data = bytearray(corpus.sample("wav-16").read())
    data[24:28] = struct.pack("<I", 1_000_000)

    with pytest.raises(MediaRejected) as rejected:
        sniff(bytes(data), "song.wav")

    assert rejected.value.reason is ReasonCode.FORMAT_UNSUPPORTED


@pytest.mark.parametrize(
    ("name", "filename"),
    [("aac-adts", "song.aac"), ("m4a-moov-last", "song.AAC"), ("ogg-flac", "song.ogg"), ("wav-16", "a.b.WAVE")],
)
def test_every_ending_that_fits_the_content_is_fine(name: str, filename: str) -> None:
    assert sniff(corpus.sample(name).read(), filename).samples


@pytest.mark.parametrize("filename", ["song", "song.mp3", "song.", "flac"])
def test_an_ending_that_does_not_fit_is_refused(filename: str) -> None:
    with pytest.raises(MediaRejected) as rejected:
        sniff(corpus.sample("flac-16").read(), filename)

    assert rejected.value.reason is ReasonCode.EXTENSION_MISMATCH
