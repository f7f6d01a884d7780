"""How far a decoded copy is from its original to the ear: noise against masking threshold, and ViSQOL's grade.

The two measures share no code and no model. Noise-to-mask follows the basic version of ITU-R BS.1387 (PEAQ) up to its
variables TotalNMR and RelDistFrames: ear weighting, 109 bands of a quarter Bark, spreading, and the threshold below it.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float64]
"""[sample, channel] at RATE, full scale 1."""

RATE: Final = 48_000
FRAME: Final = 2048
HOP: Final = 1024
FULL_SCALE_DB: Final = 92.0
"""Sound pressure of a full-scale tone; 0.8497 is what the window leaves of one between two bins (BS.1387, 2.1.3)."""
STEP: Final = 0.25
"""Bark; the bands run from 80 to 18,000 Hz."""
DISTURBED_DB: Final = 1.5
SILENT: Final = 1e-7
"""Mean square of a frame nobody hears: −70 dB."""


@dataclass(frozen=True, slots=True)
class Ear:
    """What BS.1387 says of each bin and each band."""

    window: NDArray[np.float64]
    bands: NDArray[np.float64]
    noise: NDArray[np.float64]
    slope: NDArray[np.float64]
    fading: NDArray[np.float64]
    offset: NDArray[np.float64]


@cache
def ear() -> Ear:
    """The tables of section 2.1: weighting and grouping in one matrix, then one value per band."""
    low, high = (7 * np.arcsinh(edge / 650) for edge in (80, 18_000))
    edges = np.minimum(low + STEP * np.arange(110), high)
    hertz = 650 * np.sinh(edges / 7)
    centre = 650 * np.sinh((edges[:-1] + edges[1:]) / 14)
    bins = np.arange(1, FRAME // 2 + 1) * RATE / FRAME
    khz = bins / 1000
    weight = -2.184 * khz**-0.8 + 6.5 * np.exp(-0.6 * (khz - 3.3) ** 2) - 0.001 * khz**3.6
    half = RATE / FRAME / 2
    shared = np.minimum(hertz[1:, None], bins + half) - np.maximum(hertz[:-1, None], bins - half)
    position = STEP * np.arange(109)
    window = np.hanning(FRAME)
    seconds = 0.008 + 100 / centre * 0.022
    return Ear(
        window=window * 10 ** (FULL_SCALE_DB / 20) / (0.8497 * window.sum() / 2),
        bands=np.maximum(shared, 0) / (2 * half) * 10 ** (weight / 10),
        noise=10 ** (0.1456 * (centre / 1000) ** -0.8),
        slope=24 + 230 / centre,
        fading=np.exp(-HOP / RATE / seconds),
        offset=10 ** (np.where(position <= 12, 3.0, 0.25 * position) / 10),
    )


def noise_to_mask(original: Samples, copy: Samples) -> tuple[float, float]:
    """TotalNMR in dB, and the share of frames with a band above the threshold; both over all channels."""
    ratios = np.concatenate([_ratios(original[:, side], copy[:, side]) for side in range(original.shape[1])])
    disturbed = ratios.max(axis=1) >= 10 ** (DISTURBED_DB / 10)
    return float(10 * np.log10(ratios.mean() + 1e-12)), float(disturbed.mean())


def _ratios(original: NDArray[np.float64], copy: NDArray[np.float64]) -> NDArray[np.float64]:
    """[frame, band]: the error's energy over the threshold, in the frames that are not silent."""
    heard, made = _magnitudes(original), _magnitudes(copy)
    threshold = _spread_in_time(_spread(heard**2 @ ear().bands.T + ear().noise)) / ear().offset
    loud = (_frames(original) ** 2).mean(axis=1) > SILENT
    ratios: NDArray[np.float64] = ((heard - made) ** 2 @ ear().bands.T / threshold)[loud]
    return ratios


def _frames(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.lib.stride_tricks.sliding_window_view(signal, FRAME)[::HOP]


def _magnitudes(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.abs(np.fft.rfft(_frames(signal) * ear().window))[:, 1:]


def _spread(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each band masks its neighbours: 27 dB per Bark down, up the further the louder it is; powers of 0.4 add up."""
    spread: NDArray[np.float64] = _unnormed(energy) / _unnormed(np.ones((1, energy.shape[1])))
    return spread


def _unnormed(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    count = energy.shape[1]
    distance = STEP * (np.arange(count)[None, :] - np.arange(count)[:, None])
    spread = np.empty_like(energy)
    for index, frame in enumerate(energy):
        upward = ear().slope - 2 * np.log10(frame)
        decay = np.where(distance > 0, -upward[:, None] * distance, 27 * distance)
        shape = 10 ** (decay / 10)
        shape *= (frame / shape.sum(axis=1))[:, None]
        spread[index] = (shape**0.4).sum(axis=0) ** 2.5
    return spread


def _spread_in_time(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    """A band goes on masking for a while after it fell silent, not before it began."""
    held = np.zeros(energy.shape[1])
    masking = np.empty_like(energy)
    for index, frame in enumerate(energy):
        held = ear().fading * held + (1 - ear().fading) * frame
        masking[index] = np.maximum(held, frame)
    return masking


@cache
def _visqol() -> Any:
    from visqol import VisqolApi

    api = VisqolApi()
    api.create(mode="audio")
    return api


def grade(original: Samples, copy: Samples) -> float:
    """ViSQOL's MOS-LQO for music, of the two channels' sum: 1 bad, about 4.7 as good as the original."""
    return float(_visqol().measure_from_arrays(original.mean(axis=1), copy.mean(axis=1), RATE).moslqo)
