"""The grid: segments of all rungs begin together, whatever the length of the track."""

from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.domain.media import Codec, Container, SourceFacts
from transcode.fmp4 import Chunk
from transcode.ladder import CHUNK_FRAMES, FRAME_SAMPLES, TARGET_DURATION_S, ladder_rate, rungs, whole_chunks
from transcode.segments import Segment, SegmentCutter

RATES = (8_000, 11_025, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000)
samples = st.integers(1, 60 * 192_000)


def encoded(frames: int, chunk_frames: int, frame: int) -> Iterator[Chunk]:
    for first in range(0, frames, chunk_frames):
        count = min(chunk_frames, frames - first)
        yield Chunk(data=b"%d," % first, start=first * frame, duration=count * frame, frames=count)


def cut(frames: int, *, length: int, rate: int) -> list[Segment]:
    """One rung of a track of `length` samples whose encoder wrote `frames` frames."""
    chunk_frames = CHUNK_FRAMES[ladder_rate(rate)]
    cutter = SegmentCutter(chunk_frames)
    chunks = encoded(frames, chunk_frames, FRAME_SAMPLES)
    return [segment for chunk in chunks for segment in cutter.feed(chunk)] + list(
        cutter.finish(whole_chunks(length, rate))
    )


def frames_of(length: int, rate: int) -> int:
    return -(-length * ladder_rate(rate) // (rate * FRAME_SAMPLES))


@given(samples, st.sampled_from(RATES), st.integers(0, 2))
@example(43 * 1024 * 7, 44_100, 1)
@example(43 * 1024 * 6 + 20 * 1024, 44_100, 2)
@example(47 * 1024 * 12 + 22 * 1024, 48_000, 2)
def test_aac_with_its_extra_frames_has_the_segments_of_flac(length: int, rate: int, extra: int) -> None:
    frames = frames_of(length, rate)

    flac, aac = cut(frames, length=length, rate=rate), cut(frames + extra, length=length, rate=rate)

    assert [segment.start for segment in aac] == [segment.start for segment in flac]


@given(samples, st.sampled_from(RATES))
def test_no_chunk_is_lost_or_moved(length: int, rate: int) -> None:
    frames = frames_of(length, rate)
    chunks = encoded(frames, CHUNK_FRAMES[ladder_rate(rate)], FRAME_SAMPLES)

    segments = cut(frames, length=length, rate=rate)

    assert b"".join(segment.data for segment in segments) == b"".join(chunk.data for chunk in chunks)
    assert [segment.number for segment in segments] == list(range(1, len(segments) + 1))


@given(samples, st.sampled_from(RATES), st.integers(0, 2))
def test_no_segment_rounds_to_more_than_the_target_duration(length: int, rate: int, extra: int) -> None:
    segments = cut(frames_of(length, rate) + extra, length=length, rate=rate)
    end = length * ladder_rate(rate) / rate + FRAME_SAMPLES  # the priming is not heard, the padding is clipped
    ends = [*(segment.start for segment in segments[1:]), end]

    longest = max(end - segment.start for segment, end in zip(segments, ends, strict=True)) / ladder_rate(rate)

    assert longest < TARGET_DURATION_S + 0.5


def test_playing_starts_with_short_segments() -> None:
    minute = cut(frames_of(60 * 44_100, 44_100), length=60 * 44_100, rate=44_100)

    assert [round(segment.duration / 44_100) for segment in minute[:6]] == [1, 2, 3, 6, 6, 6]


@given(st.integers(1, 400))
def test_at_most_one_segment_is_held_back(count: int) -> None:
    cutter = SegmentCutter(43)
    given_out = 0
    for fed, chunk in enumerate(encoded(count * 43, 43, FRAME_SAMPLES), 1):
        given_out += sum(len(segment.data.split(b",")) - 1 for segment in cutter.feed(chunk))
        assert fed - given_out <= 7


@pytest.mark.parametrize("rate", RATES)
def test_frames_of_all_rungs_last_equally_long(rate: int) -> None:
    source = SourceFacts(
        container=Container.FLAC, codec=Codec.FLAC, sample_rate=rate, channels=2, bits_per_sample=24, samples=None
    )

    lengths = {rung.frame_samples / rung.sample_rate for rung in rungs(source)}

    assert len(lengths) == 1
