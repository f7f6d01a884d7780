import gzip
import io
import json
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcode.waveform import WaveformBuilder

audio = st.binary(min_size=1, max_size=3000)
rates = st.sampled_from([8_000, 11_025, 44_100])


def heard(_samples: int) -> None:
    """Nobody watches."""


def drawn(unsigned: bytes, rate: int = 8_000, progress: Callable[[int], None] = heard) -> WaveformBuilder:
    builder = WaveformBuilder(rate, progress)
    builder.read(io.BytesIO(unsigned))
    return builder


@given(audio, rates)
def test_each_point_spans_its_stretch_of_samples(unsigned: bytes, rate: int) -> None:
    step = round(rate / 100)
    signed = [value - 128 for value in unsigned]
    stretches = [signed[at : at + step] for at in range(0, len(signed), step)]

    detail = drawn(unsigned, rate).detail()

    points = struct.unpack(f"{len(detail.points)}b", detail.points)
    assert list(points) == [peak for s in stretches for peak in (min(s), max(s))]


@given(audio)
def test_the_overview_joins_ten_points_of_the_detail(unsigned: bytes) -> None:
    builder = drawn(unsigned)
    detail, overview = builder.detail(), builder.overview()

    assert overview.samples_per_pixel == 10 * detail.samples_per_pixel
    assert overview.length == -(-detail.length // 10)
    signed = [value - 128 for value in unsigned[:800]]
    assert struct.unpack("bb", overview.points[:2]) == (min(signed), max(signed))


@given(audio, rates)
def test_json_and_binary_say_the_same(unsigned: bytes, rate: int) -> None:
    waveform = drawn(unsigned, rate).detail()

    written = json.loads(gzip.decompress(waveform.json_gzip()))
    version, flags, sample_rate, samples_per_pixel, length, channels = struct.unpack_from("<iIiiII", waveform.binary())

    assert (version, flags, channels) == (2, 1, 1), "audiowaveform version 2, 8 bit, one channel"
    assert (written["version"], written["bits"], written["channels"]) == (2, 8, 1)
    assert (written["sample_rate"], written["samples_per_pixel"]) == (sample_rate, samples_per_pixel)
    assert written["length"] == length == len(written["data"]) // 2
    assert bytes(n & 0xFF for n in written["data"]) == waveform.binary()[24:]


@given(audio)
def test_every_sample_is_counted_and_reported(unsigned: bytes) -> None:
    reported: list[int] = []

    builder = drawn(unsigned, progress=reported.append)

    assert builder.samples == len(unsigned)
    assert reported[-1] == len(unsigned)


@pytest.mark.parametrize(("unsigned", "flat"), [(b"\x80" * 500, True), (b"\x7f\x80" * 500, True), (b"\x80\x90", False)])
def test_digital_silence_is_flat(unsigned: bytes, flat: bool) -> None:
    assert drawn(unsigned).flat is flat


def test_a_long_json_is_written_in_batches() -> None:
    waveform = drawn(bytes(range(256)) * 1000, rate=100).detail()

    assert len(json.loads(gzip.decompress(waveform.json_gzip()))["data"]) == 512_000
