"""What one way of making a track playable took: the common shape of ours, the baseline and the hand-tuned command."""

from dataclasses import dataclass, field
from typing import Final

OURS: Final = "ours"
BASELINE: Final = "baseline"
HAND_TUNED: Final = "hand-tuned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Times count from the last uploaded byte. `cpu_s` is that of all that worked, the emulated cloud included;
    `encoder_cpu_s` that of ffmpeg alone. `peak_bytes` is the resident memory of the largest worker with its children,
    `encoder_peak_bytes` of the largest that ran ffmpeg.
    """

    way: str
    playable_s: float | None
    ready_s: float
    cpu_s: float
    encoder_cpu_s: float
    disk_bytes: int
    peak_bytes: int
    encoder_peak_bytes: int
    elsewhere_cpu_s: float
    """Of everything else on the machine, the bench itself included: much of it, and the times mean little."""
    longest_encoder_cpu_s: float = 0.0
    """Of the longest single ffmpeg run, where we look at them one by one."""
    peaks: dict[str, int] = field(default_factory=dict)
    """By function, where there are functions."""
    steps: dict[str, float] = field(default_factory=dict)
    """Seconds until each step was over, where there are steps."""
