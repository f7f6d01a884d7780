"""The bounds every container shares, and the refusals as one-word calls."""

from typing import Final, NoReturn

from core.domain.errors import MediaRejected
from core.domain.ids import Samples
from core.domain.limits import TRACK_MAX_DURATION_S
from core.domain.media import Codec, Container, SourceFacts
from core.domain.reasons import ReasonCode

SAMPLE_RATES: Final = range(8_000, 192_001)
CHANNELS: Final = range(1, 9)


def refuse(reason: ReasonCode, detail: str = "") -> NoReturn:
    raise MediaRejected(reason, detail)


def check_form(sample_rate: int, channels: int) -> None:
    """FORMAT_UNSUPPORTED outside 8–192 kHz or 1–8 channels."""
    if sample_rate not in SAMPLE_RATES or channels not in CHANNELS:
        refuse(ReasonCode.FORMAT_UNSUPPORTED, f"{sample_rate} Hz, {channels} channels")


def too_long(samples: int, sample_rate: int) -> bool:
    """`samples` without an encoder's own silence at either end, for which no track must be refused."""
    return samples > TRACK_MAX_DURATION_S * sample_rate


def facts(
    container: Container,
    codec: Codec,
    *,
    sample_rate: int,
    channels: int,
    samples: int | None,
    bits_per_sample: int | None = None,
    tolerance_samples: int = 0,
) -> SourceFacts:
    """SourceFacts within the bounds, or FORMAT_UNSUPPORTED, EMPTY, TOO_LONG."""
    check_form(sample_rate, channels)
    if samples is not None:
        if samples <= 0:
            refuse(ReasonCode.EMPTY)
        if too_long(samples - tolerance_samples, sample_rate):
            refuse(ReasonCode.TOO_LONG)
    return SourceFacts(
        container=container,
        codec=codec,
        sample_rate=sample_rate,
        channels=channels,
        bits_per_sample=bits_per_sample,
        samples=None if samples is None else Samples(samples),
        tolerance_samples=tolerance_samples,
    )
