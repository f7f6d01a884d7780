import io
from dataclasses import replace

import pytest

from core.domain.errors import MediaRejected
from core.domain.ids import Samples
from core.domain.media import Codec, Container, SourceFacts
from core.domain.reasons import ReasonCode
from transcode.verdict import LastPacket, damage, judge


def a_source(samples: int | None = 1000, tolerance: int = 0) -> SourceFacts:
    return SourceFacts(
        container=Container.FLAC,
        codec=Codec.FLAC,
        sample_rate=100,
        channels=2,
        bits_per_sample=16,
        samples=None if samples is None else Samples(samples),
        tolerance_samples=tolerance,
    )


def to_the_end() -> bool:
    return True


@pytest.mark.parametrize(
    ("decoded", "source"),
    [(1000, a_source()), (990, a_source(tolerance=10)), (1010, a_source(tolerance=10)), (7, a_source(samples=None))],
)
def test_a_track_decoded_to_its_last_sample_is_believed(decoded: int, source: SourceFacts) -> None:
    judge(source, decoded=decoded, errors=[], reaches_end=to_the_end)


@pytest.mark.parametrize(
    ("decoded", "source", "reason"),
    [
        (0, a_source(), ReasonCode.EMPTY),
        (999, a_source(), ReasonCode.TRUNCATED),
        (989, a_source(tolerance=10), ReasonCode.TRUNCATED),
        (1001, a_source(), ReasonCode.CORRUPT),
    ],
)
def test_a_wrong_count_is_refused_though_ffmpeg_was_content(
    decoded: int, source: SourceFacts, reason: ReasonCode
) -> None:
    with pytest.raises(MediaRejected) as refused:
        judge(source, decoded=decoded, errors=[], reaches_end=to_the_end)

    assert refused.value.reason is reason


@pytest.mark.parametrize(("whole", "reason"), [(True, ReasonCode.CORRUPT), (False, ReasonCode.TRUNCATED)])
def test_an_error_means_damage_or_a_missing_end(*, whole: bool, reason: ReasonCode) -> None:
    with pytest.raises(MediaRejected) as refused:
        judge(a_source(), decoded=1000, errors=["[flac @ 0x1] invalid residual"], reaches_end=lambda: whole)

    assert refused.value.reason is reason


@pytest.mark.parametrize("container", [Container.ADTS, Container.MP3, Container.OGG])
def test_where_time_is_counted_up_an_early_end_proves_nothing(container: Container) -> None:
    with pytest.raises(MediaRejected) as refused:
        judge(replace(a_source(), container=container), decoded=5, errors=["CRC mismatch!"], reaches_end=lambda: False)

    assert refused.value.reason is ReasonCode.CORRUPT


def test_only_a_skipped_picture_is_harmless() -> None:
    lines = ["[png @ 0x55e4e0d14d80] Codec (png) not on whitelist 'flac'", "[flac @ 0x1] CRC error at PTS 41472"]

    assert damage(lines) == lines[1:]


@pytest.mark.parametrize(("last", "reaches"), [(900, True), (500, False)])
def test_the_last_packet_tells_whether_the_end_is_there(last: int, *, reaches: bool) -> None:
    packets = LastPacket()
    lines = f"#software: Lavf\n#tb 0: 1/100\n0,  0,  0,  100,  10, 0x1\n0, {last}, {last}, 100, 9, 0x2\n"
    packets.read(io.BytesIO(lines.encode()))

    assert packets.reaches(a_source()) is reaches


def test_samples_that_no_encoder_takes_are_the_files_fault_whatever_the_encoder_calls_it() -> None:
    line = "[enc:libmp3lame @ 0x1] Error encoding a frame: Cannot allocate memory"

    assert damage([line]) == [line]
