"""A track encoded in parts is the track encoded whole: every sample is there, and no join can be heard."""

import math
from array import array
from pathlib import Path

import pytest

from tests.corpus.sample import Sample
from tests.integration.transcode import long_tracks
from tests.integration.transcode.studio import Made, Rung, all_heard, encoded, facts_of, made_of
from transcode import plan as planning
from transcode.ladder import CHUNK_FRAMES, FRAME_SAMPLES, ladder_rate

WINDOW = 2 * FRAME_SAMPLES
"""On both sides of a join: an AAC frame overlaps its neighbours."""
NOISE_SLACK_DB = 3.0
_in_parts: dict[str, Made] = {}


@pytest.fixture(params=long_tracks.SAMPLES, ids=lambda sample: sample.name)
def sample(request: pytest.FixtureRequest) -> Sample:
    chosen: Sample = request.param
    return chosen


@pytest.fixture
def in_parts(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Cut as if twenty seconds were long."""
    monkeypatch.setattr(planning, "SPLIT_ABOVE_S", 20)
    monkeypatch.setattr(planning, "PART_S", 10)
    assert len(planning.plan(facts_of(sample))) > 3
    if sample.name not in _in_parts:
        _in_parts[sample.name] = encoded(sample.read(), facts_of(sample))
    return _in_parts[sample.name]


@pytest.fixture
def whole(sample: Sample) -> Made:
    return made_of(sample)


def test_parts_are_cut_and_listed_like_the_whole(in_parts: Made, whole: Made) -> None:
    assert set(in_parts.files) == set(whole.files)
    assert in_parts.result.samples == whole.result.samples
    for part_rung, whole_rung in zip(_sorted(in_parts), _sorted(whole), strict=True):
        assert part_rung.name == whole_rung.name
        assert part_rung.extinf == whole_rung.extinf
        assert part_rung.init == whole_rung.init
    for name in ("download.mp3", "waveform-detail.dat", "waveform-overview.json"):
        assert in_parts.files[name].body == whole.files[name].body


def test_fragments_go_on_where_the_part_before_ended(in_parts: Made, whole: Made) -> None:
    """The clock and the numbers of the fragments are those of an unsplit encode, byte by byte."""
    for part_rung, whole_rung in zip(_sorted(in_parts), _sorted(whole), strict=True):
        assert [_clock(s) for s in part_rung.segments] == [_clock(s) for s in whole_rung.segments]


def test_joins_are_within_the_noise_of_an_unsplit_encode(
    in_parts: Made, whole: Made, sample: Sample, tmp_path: Path
) -> None:
    joins = [part.first_chunk for part in planning.plan(facts_of(sample)) if part.first_chunk]
    truth = _left(long_tracks.reference(sample))
    for part_rung, whole_rung in zip(_sorted(in_parts), _sorted(whole), strict=True):
        heard = all_heard({"parts": part_rung.file, "whole": whole_rung.file}, tmp_path)
        parts, unsplit = _left(heard["parts"]), _left(heard["whole"])
        assert len(parts) == len(unsplit)
        chunk = CHUNK_FRAMES[ladder_rate(sample.sample_rate)] * FRAME_SAMPLES
        if part_rung.name == "flac":
            assert parts == unsplit
            continue
        for join in joins:
            here = slice(join * chunk - WINDOW, join * chunk + WINDOW)
            ours, theirs = _error_db(parts[here], truth[here]), _error_db(unsplit[here], truth[here])
            assert ours <= theirs + NOISE_SLACK_DB, (part_rung.name, join, ours, theirs)


def _sorted(made: Made) -> list[Rung]:
    return sorted(made.rungs, key=lambda rung: rung.name)


def _clock(segment: bytes) -> list[bytes]:
    """mfhd and tfdt boxes as they stand in the file."""
    return [segment[at - 4 : at + 16] for kind in (b"mfhd", b"tfdt") for at in _places(segment, kind)]


def _places(data: bytes, kind: bytes) -> list[int]:
    places, at = [], data.find(kind)
    while at >= 0:
        places.append(at)
        at = data.find(kind, at + 1)
    return places


def _left(pcm: bytes) -> "array[float]":
    """The left channel of 24-bit stereo, 1.0 = full scale."""
    return array("d", (int.from_bytes(pcm[at : at + 3], "little", signed=True) / 2**23 for at in range(0, len(pcm), 6)))


def _error_db(heard: "array[float]", truth: "array[float]") -> float:
    energy = sum((a - b) ** 2 for a, b in zip(heard, truth, strict=True)) / len(truth)
    return 10 * math.log10(energy + 1e-12)
