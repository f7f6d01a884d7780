from core.domain.ids import Samples
from core.domain.media import Codec, Container, SourceFacts
from transcode.commands import rendition
from transcode.ladder import AAC_CODER, RungCodec, rungs


def a_source(*, hours: int) -> SourceFacts:
    return SourceFacts(
        container=Container.WAV,
        codec=Codec.PCM,
        sample_rate=44_100,
        channels=2,
        bits_per_sample=16,
        samples=Samples(hours * 3600 * 44_100),
    )


def test_a_long_track_is_coded_like_a_short_one() -> None:
    short, long = (
        [rendition(rung, a_source(hours=hours)) for rung in rungs(a_source(hours=hours))] for hours in (0, 6)
    )

    assert short == long


def test_every_aac_rung_names_its_coder() -> None:
    source = a_source(hours=0)
    aac = [rendition(rung, source) for rung in rungs(source) if rung.codec is RungCodec.AAC]

    assert [command[command.index("-aac_coder") + 1] for command in aac] == [AAC_CODER] * 4
