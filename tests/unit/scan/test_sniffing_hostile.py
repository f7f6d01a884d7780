"""Whatever bytes arrive: the sniffer answers with facts or MediaRejected, soon, and with nothing else."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.errors import MediaRejected
from core.domain.reasons import ReasonCode
from scan.sniff import sniff
from tests import corpus
from tests.corpus import Sample

SHORT = [s for s in corpus.good() if s.name not in {"wav-192k", "wav-51", "wav-64f", "aiff-24", "wav-32", "wav-32f"}]
QUICK_S = 5.0
"""Far above what any needs, far below a hang, whatever else this machine is doing."""

calm = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def judged(data: bytes, filename: str) -> ReasonCode | None:
    began = time.monotonic()
    try:
        sniff(data, filename)
    except MediaRejected as rejected:
        return rejected.reason
    finally:
        assert time.monotonic() - began < QUICK_S
    return None


@calm
@given(sample=st.sampled_from(SHORT), share=st.floats(0, 1, exclude_max=True))
def test_no_cut_file_makes_it_stumble(sample: Sample, share: float) -> None:
    data = sample.read()

    judged(data[: int(len(data) * share)], sample.filename)


@calm
@given(sample=st.sampled_from(SHORT), data=st.data())
def test_no_changed_bytes_make_it_stumble(sample: Sample, data: st.DataObject) -> None:
    content = bytearray(sample.read())
    # Headers and ends decide; so most changes go there.
    anywhere = st.integers(0, len(content) - 1)
    places = st.one_of(
        st.integers(0, min(4096, len(content)) - 1), st.integers(len(content) - 64, len(content) - 1), anywhere
    )
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=12)):
        content[place] = value

    judged(bytes(content), sample.filename)


@calm
@given(sample=st.sampled_from(SHORT), data=st.data())
def test_no_huge_number_makes_it_stumble(sample: Sample, data: st.DataObject) -> None:
    content = bytearray(sample.read())
    place = data.draw(st.integers(0, min(2048, len(content)) - 8))
    content[place : place + 4] = data.draw(st.sampled_from([b"\xff" * 4, b"\x7f\xff\xff\xff", bytes(4), b"\0\0\0\1"]))

    judged(bytes(content), sample.filename)


@calm
@given(head=st.sampled_from([b"", *(s.read()[:96] for s in SHORT)]), body=st.binary(max_size=2000))
def test_no_invented_file_makes_it_stumble(head: bytes, body: bytes) -> None:
    judged(head + body, "song.wav")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xff\xf8" * 4_000_000, id="flac-syncs"),
        pytest.param(b"\xff\xfb\x10\x00" * 2_000_000, id="mp3-syncs"),
        pytest.param(b"\xff\xf1\x50\x80\x00\xff\xfc" * 1_000_000, id="adts-of-empty-frames"),
        pytest.param(b"\0\0\0\x08ftyp" + b"\0\0\0\x08free" * 1_000_000, id="mp4-of-empty-boxes"),
        pytest.param(b"RIFF\xff\xff\xff\x7fWAVE" + b"junk\0\0\0\0" * 1_000_000, id="wav-of-empty-chunks"),
        pytest.param(b"REM \n" * 1_000_000, id="remarks"),
        pytest.param(b"<?xml" * 1_000_000, id="prologues"),
        pytest.param(b"PK\x05\x06" * 1_000_000, id="zip-ends"),
    ],
)
def test_made_up_work_is_bounded(data: bytes) -> None:
    assert judged(data, "song.mp3") is not None


def test_flac_full_of_false_frames_behind_true_ones_is_bounded() -> None:
    sample = corpus.sample("flac-16")

    assert judged(sample.read() + b"\xff\xf8\xc9\x08" * 1_000_000, sample.filename) is not None
