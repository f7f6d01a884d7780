"""Every accepted kind of file through the real ffmpeg, and back through another one."""

from pathlib import Path

import pytest

from core.domain.media import Container
from tests import corpus
from tests.corpus import Sample
from tests.integration.transcode.studio import all_heard, facts_of, heard, made_of
from transcode.ladder import FLAC_RATES

every_format = pytest.mark.parametrize("sample", corpus.good(), ids=str)
exact = [s for s in corpus.good() if s.lossless or s.container is Container.OGG]
preserved = [
    s
    for s in corpus.good()
    if s.lossless and s.channels <= 2 and s.sample_rate in FLAC_RATES and (s.bits_per_sample or 0) <= 24
]
AAC_FRAME = 1024


@every_format
def test_the_whole_track_is_decoded(sample: Sample) -> None:
    facts, result = facts_of(sample), made_of(sample).result

    assert abs(result.samples - sample.samples) <= facts.tolerance_samples
    assert (result.sample_rate, result.channels) == (sample.sample_rate, sample.channels)


@pytest.mark.parametrize("sample", exact, ids=str)
def test_exact_formats_are_decoded_to_the_sample(sample: Sample) -> None:
    assert made_of(sample).result.samples == sample.samples


@every_format
def test_another_player_hears_every_rendition_without_a_complaint(sample: Sample, tmp_path: Path) -> None:
    made = made_of(sample)

    pcm = all_heard({rung.name: rung.file for rung in made.rungs}, tmp_path)

    for rendition in made.result.renditions:
        surplus = len(pcm[rendition.name]) / 3 / rendition.channels - made.seconds * rendition.sample_rate
        assert -8 <= surplus <= (8 if rendition.name == "flac" else 2 * AAC_FRAME), rendition.name


@every_format
def test_segments_of_all_renditions_begin_together_and_add_up_to_the_track(sample: Sample) -> None:
    made = made_of(sample)

    assert len({len(rung.segments) for rung in made.rungs}) == 1
    for ends in zip(*(rung.boundaries for rung in made.rungs), strict=True):
        assert max(ends) - min(ends) <= 0.050, "Apple 8.22"
    for rung in made.rungs:
        assert sum(rung.extinf) == pytest.approx(made.seconds, abs=1e-4), "Apple 8.1"


@every_format
def test_the_ladder_is_complete(sample: Sample) -> None:
    made = made_of(sample)

    names = [rendition.name for rendition in made.result.renditions]
    assert {"aac-64", "aac-128", "aac-192", "aac-320"} <= set(names)
    assert ("flac" in names) == sample.lossless == made.result.lossless
    assert {r.codec for r in made.result.renditions} <= {"mp4a.40.2", "fLaC"}
    assert all(r.channels == 2 for r in made.result.renditions if r.codec == "mp4a.40.2")
    assert made.result.encoder_delay == AAC_FRAME


@every_format
def test_tags_and_cover_are_read(sample: Sample) -> None:
    made = made_of(sample)

    named = {"track": "track_number"}
    for key, value in sample.tags.items():
        assert getattr(made.result.tags, named.get(key, key)) == value
    assert made.result.has_cover == sample.has_cover
    assert ("cover-1200.jpg" in made.files) == ("cover-300.jpg" in made.files) == sample.has_cover


@pytest.mark.parametrize("sample", preserved, ids=str)
def test_the_lossless_rendition_is_the_source_bit_by_bit(sample: Sample, tmp_path: Path) -> None:
    source = heard(sample.read(), tmp_path, suffix=sample.filename.rpartition(".")[2])

    assert heard(made_of(sample).rung("flac").file, tmp_path) == source
