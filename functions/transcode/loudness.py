"""EBU R128: read from ffmpeg's ebur128 filter, and turned into the one gain a player applies.

Target −14 LUFS; the gain never lifts the true peak over −1 dBTP (EBU R128 s2, AES TD1008).
"""

import math
import re
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from core.domain.media import Loudness

TARGET_LUFS: Final = -14.0
PEAK_MAX_DBTP: Final = -1.0
GATE_LUFS: Final = -70.0
"""The absolute gate of ITU-R BS.1770: ffmpeg reports it where nothing was louder, or the track is under 400 ms."""
SILENT_PEAK_DBTP: Final = -120.0
FILTER: Final = "ebur128=peak=true:metadata=1:framelog=quiet"
_TAIL = 4096
_VALUE = re.compile(rb"lavfi\.r128\.(I|true_peak)=(-?[\d.]+|-?inf|nan)\n")
_PEAK_STEP = 0.0005
"""The filter prints the linear peak with three decimals."""


@dataclass(slots=True)
class LoudnessMeter:
    """A sink for the filter's running values. Only the last ones count, so only the tail is kept."""

    _tail: bytes = field(default=b"")

    def read(self, pipe: BinaryIO) -> None:
        while block := pipe.read(64 * 1024):
            self._tail = (self._tail + block)[-_TAIL:]

    @property
    def peak(self) -> float:
        """The linear true peak, 0.0 if it is below what the filter prints or the track is under 100 ms."""
        return self._last(b"true_peak", 0.0)

    def loudness(self) -> Loudness:
        return loudness(self._last(b"I", GATE_LUFS), self.peak)

    def _last(self, name: bytes, otherwise: float) -> float:
        found = [float(value) for key, value in _VALUE.findall(self._tail) if key == name]
        return found[-1] if found and math.isfinite(found[-1]) else otherwise


def loudness(integrated_lufs: float, peak: float) -> Loudness:
    """`peak` is linear, 1.0 = full scale. What is below the gate has no loudness to correct: gain 0."""
    true_peak_db = 20 * math.log10(peak + _PEAK_STEP) if peak > 0 else SILENT_PEAK_DBTP
    if integrated_lufs <= GATE_LUFS:
        return Loudness(integrated_lufs=GATE_LUFS, true_peak_db=round(true_peak_db, 2), gain_db=0.0)
    gain = min(TARGET_LUFS - integrated_lufs, PEAK_MAX_DBTP - true_peak_db)
    return Loudness(
        integrated_lufs=round(integrated_lufs, 2),
        true_peak_db=round(true_peak_db, 2),
        gain_db=round(gain, 2),
    )
