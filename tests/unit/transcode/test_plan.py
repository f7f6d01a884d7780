"""Where long tracks are cut: on the grid, on whole samples of the source, and never into crumbs."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.ids import Samples
from core.domain.limits import TRACK_MAX_DURATION_S
from core.domain.media import Codec, Container, SourceFacts
from tests.builders import source_facts
from transcode.ladder import PART_S, SEGMENT_CHUNKS, SPLIT_ABOVE_S, rungs, segment_sizes, whole_chunks
from transcode.plan import HEAD, UNCUT, Part, chunk_samples, plan, stretch

RATES = st.sampled_from(
    [8_000, 11_025, 12_345, 22_050, 32_000, 37_800, 44_100, 47_999, 48_000, 88_200, 96_000, 192_000]
)


def a_source(rate: int, seconds: float, **changes: Any) -> SourceFacts:
    return source_facts(sample_rate=rate, samples=Samples(round(rate * seconds)), **changes)


long_sources = st.builds(a_source, RATES, st.floats(SPLIT_ABOVE_S + 1, TRACK_MAX_DURATION_S))


def stretches(source: SourceFacts) -> list[Part]:
    """The parts that make an early rung, in order."""
    return [part for part in plan(source) if any(rung.name == "aac-64" for rung in part.rungs)]


@pytest.mark.parametrize("seconds", [0, 1, 180, SPLIT_ABOVE_S])
def test_a_short_track_has_a_head_that_is_soon_heard_and_one_part_for_the_rest(seconds: float) -> None:
    head, rest = plan(a_source(44_100, seconds))

    assert (head.number, head.measures, head.whole) == (HEAD, False, True)
    assert (rest.measures, rest.whole) == (True, True)
    assert [rung.name for rung in head.rungs] == ["aac-64", "aac-128"]
    assert [rung.name for rung in rest.rungs] == ["aac-192", "aac-320", "flac"]


def test_a_track_of_unknown_length_is_not_cut() -> None:
    assert len(plan(source_facts(samples=None))) == UNCUT


def test_six_hours_are_36_stretches() -> None:
    source = a_source(44_100, TRACK_MAX_DURATION_S)
    parts = plan(source)

    assert len(stretches(source)) == TRACK_MAX_DURATION_S // PART_S
    assert len(parts) == len(stretches(source)) + 2
    assert [part.number for part in parts] == list(range(len(parts)))
    assert [rung.name for rung in parts[1].rungs] == ["aac-192", "aac-320"]
    assert [rung.name for rung in parts[-1].rungs] == ["flac"]


def test_of_a_lossy_source_the_part_for_the_whole_makes_no_rung() -> None:
    assert plan(a_source(44_100, 3600, container=Container.MP3, codec=Codec.MP3, bits_per_sample=None))[-1].rungs == ()


@given(long_sources)
def test_every_rung_is_made_once_from_beginning_to_end(source: SourceFacts) -> None:
    for rung in rungs(source):
        making = [part for part in plan(source) if rung in part.rungs]
        assert making[0].first_chunk == 0
        assert making[-1].end_chunk is None
        assert all(before.end_chunk == after.first_chunk for before, after in pairwise(making))


@given(long_sources)
def test_the_last_stretch_is_no_crumb(source: SourceFacts) -> None:
    last = stretches(source)[-1]

    assert whole_chunks(source.samples or 0, source.sample_rate) - last.first_chunk >= SEGMENT_CHUNKS


@given(long_sources)
def test_every_part_begins_with_a_segment(source: SourceFacts) -> None:
    for part in stretches(source):
        before, sizes = 0, segment_sizes()
        for _ in range(part.first_segment - 1):
            before += next(sizes)
        assert before == part.first_chunk


@given(long_sources)
def test_every_part_but_the_head_has_a_lead_that_begins_on_a_sample(source: SourceFacts) -> None:
    for part in stretches(source)[1:]:
        assert part.lead_chunks >= 1
        begins = (part.first_chunk - part.lead_chunks) * chunk_samples(source.sample_rate)
        assert begins.denominator == 1
        assert stretch(part, source.sample_rate).start == begins


@given(long_sources)
def test_no_part_is_much_longer_than_the_table_says(source: SourceFacts) -> None:
    chunk_s = float(chunk_samples(source.sample_rate)) / source.sample_rate
    for part in stretches(source)[:-1]:
        assert part.chunks is not None
        assert part.chunks * chunk_s <= PART_S + SEGMENT_CHUNKS * chunk_s
