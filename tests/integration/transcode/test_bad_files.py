"""Fault 15: ffmpeg is content and we are not."""

from dataclasses import replace

import pytest

from core.domain.errors import MediaRejected
from core.domain.ids import Samples
from core.domain.reasons import ReasonCode
from tests import corpus
from tests.corpus import BadSample, RefusedBy, Sample
from tests.integration.transcode.studio import encoded, facts_of

CUT = ["wav-16", "wav-32f", "aiff-16", "flac-16", "alac-16", "m4a-moov-first", "mp3-cbr", "ogg-vorbis", "opus"]


@pytest.mark.parametrize("bad", [s for s in corpus.bad() if s.refused_by is RefusedBy.TRANSCODE], ids=str)
def test_what_the_scan_cannot_see_is_refused_here(bad: BadSample) -> None:
    source = facts_of(corpus.sample(bad.name.removeprefix("bit-flipped-").replace("flac", "flac-16", 1)[:7]))

    with pytest.raises(MediaRejected) as refused:
        encoded(bad.read(), source)

    assert refused.value.reason is bad.reason


@pytest.mark.parametrize("name", CUT)
def test_a_file_that_lost_its_end_is_truncated(name: str) -> None:
    sample = corpus.sample(name)

    with pytest.raises(MediaRejected) as refused:
        encoded(sample.read()[: len(sample.read()) * 7 // 10], facts_of(sample))

    assert refused.value.reason is ReasonCode.TRUNCATED


@pytest.mark.parametrize("name", ["flac-24", "flac-192k", "ogg-flac", "ogg-vorbis", "opus", "alac-24", "aac-adts"])
def test_flipped_bits_are_heard(name: str) -> None:
    sample = corpus.sample(name)

    with pytest.raises(MediaRejected) as refused:
        encoded(flipped(sample), facts_of(sample))

    assert refused.value.reason is ReasonCode.CORRUPT


def flipped(sample: Sample) -> bytes:
    data = bytearray(sample.read())
    for at in range(len(data) * 2 // 5, len(data) * 3 // 5, 97):
        data[at] ^= 0x24
    return bytes(data)


@pytest.mark.parametrize("announced", [132_299, 132_301])
def test_one_sample_more_or_less_than_announced_is_noticed(announced: int) -> None:
    sample = corpus.sample("wav-16")

    with pytest.raises(MediaRejected):
        encoded(sample.read(), replace(facts_of(sample), samples=Samples(announced)))


def test_silence_is_no_track() -> None:
    sample = corpus.sample("wav-16")
    silent = sample.read()[:44] + bytes(len(sample.read()) - 44)

    with pytest.raises(MediaRejected) as refused:
        encoded(silent, facts_of(sample))

    assert refused.value.reason is ReasonCode.SILENT


def test_a_broken_picture_costs_the_cover_and_not_the_track() -> None:
    sample = corpus.sample("flac-tagged")
    data = bytearray(sample.read())
    picture = data.index(b"\xff\xd8\xff")
    data[picture + 2 : picture + 2000] = bytes(1998)

    made = encoded(bytes(data), facts_of(sample))

    assert not made.result.has_cover
    assert "cover-1200.jpg" not in made.files
    assert made.result.samples == sample.samples
