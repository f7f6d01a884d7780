import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcode.loudness import LoudnessMeter, loudness

FRAME = (
    "frame:{n} pts:0 pts_time:0\nlavfi.r128.M=-9.0\nlavfi.r128.I={i}\nlavfi.r128.LRA=0.0\nlavfi.r128.true_peak={p}\n"
)


def metered(*frames: tuple[str, str]) -> LoudnessMeter:
    meter = LoudnessMeter()
    text = "".join(FRAME.format(n=n, i=i, p=p) for n, (i, p) in enumerate(frames))
    meter.read(io.BytesIO(text.encode()))
    return meter


@given(st.floats(-69.9, 5), st.floats(0.001, 2))
def test_the_gain_reaches_the_target_or_stops_at_the_peak(integrated: float, peak: float) -> None:
    measured = loudness(integrated, peak)

    assert measured.integrated_lufs + measured.gain_db <= -14 + 0.02
    assert measured.true_peak_db + measured.gain_db <= -1 + 0.02
    reached = measured.integrated_lufs + measured.gain_db == pytest.approx(-14, abs=0.02)
    stopped = measured.true_peak_db + measured.gain_db == pytest.approx(-1, abs=0.02)
    assert reached or stopped


def test_a_quiet_track_is_lifted_only_as_far_as_its_peaks_allow() -> None:
    assert loudness(-30.0, 0.5).gain_db == pytest.approx(5.01, abs=0.02)


def test_silence_gets_no_gain() -> None:
    assert loudness(-70.0, 0.0).gain_db == 0


def test_the_last_values_count() -> None:
    measured = metered(("-70.000", "0.100"), ("-9.500", "0.700"), ("-12.250", "0.891")).loudness()

    assert measured.integrated_lufs == -12.25
    assert measured.true_peak_db == pytest.approx(-1.0, abs=0.01)


def test_hours_of_values_are_read_through_a_small_window() -> None:
    meter = metered(*[("-20.0", "0.5")] * 20_000, ("-11.0", "0.6"))

    assert meter.loudness().integrated_lufs == -11
    assert len(meter._tail) <= 4096


@pytest.mark.parametrize(("integrated", "peak"), [("-inf", "0.000"), ("nan", "nan")])
def test_what_is_no_number_counts_as_silence(integrated: str, peak: str) -> None:
    meter = metered((integrated, peak))

    assert meter.peak == 0
    assert meter.loudness().gain_db == 0


def test_a_track_too_short_for_a_value_counts_as_silence() -> None:
    assert LoudnessMeter().loudness().gain_db == 0
