import pytest

from core.domain.media import Codec, Container, SourceFacts
from transcode.ladder import Rung, RungCodec, content_id, ladder_rate, rungs


def a_source(*, codec: Codec = Codec.FLAC, rate: int = 44_100, channels: int = 2, bits: int | None = 16) -> SourceFacts:
    return SourceFacts(
        container=Container.FLAC, codec=codec, sample_rate=rate, channels=channels, bits_per_sample=bits, samples=None
    )


def lossless_rung(source: SourceFacts) -> Rung:
    return next(rung for rung in rungs(source) if rung.codec is RungCodec.FLAC)


@pytest.mark.parametrize(
    ("source", "ladder"),
    [
        (11_025, 44_100),
        (22_050, 44_100),
        (44_100, 44_100),
        (88_200, 44_100),
        (176_400, 44_100),
        (8_000, 48_000),
        (32_000, 48_000),
        (48_000, 48_000),
        (96_000, 48_000),
        (192_000, 48_000),
    ],
)
def test_a_rate_stays_in_its_family(source: int, ladder: int) -> None:
    assert ladder_rate(source) == ladder


@pytest.mark.parametrize("codec", list(Codec))
def test_only_lossless_sources_get_the_lossless_rung(codec: Codec) -> None:
    names = [rung.name for rung in rungs(a_source(codec=codec))]

    assert names[:4] == ["aac-64", "aac-128", "aac-192", "aac-320"]
    assert ("flac" in names) == (codec in {Codec.PCM, Codec.FLAC, Codec.ALAC})


@pytest.mark.parametrize(("source", "rung"), [(44_100, 44_100), (96_000, 96_000), (192_000, 192_000), (22_050, 44_100)])
def test_the_lossless_rung_keeps_the_rate_where_it_can(source: int, rung: int) -> None:
    assert lossless_rung(a_source(rate=source)).sample_rate == rung


@pytest.mark.parametrize(("bits", "depth"), [(8, 16), (16, 16), (24, 24), (32, 24), (None, 24)])
def test_the_lossless_rung_has_at_most_24_bits(bits: int | None, depth: int) -> None:
    assert lossless_rung(a_source(bits=bits)).bits_per_sample == depth


@pytest.mark.parametrize(("channels", "flac"), [(1, 1), (2, 2), (6, 2)])
def test_aac_is_always_stereo_and_flac_never_more(channels: int, flac: int) -> None:
    made = rungs(a_source(channels=channels))

    assert {rung.channels for rung in made if rung.codec is RungCodec.AAC} == {2}
    assert lossless_rung(a_source(channels=channels)).channels == flac


def test_the_content_id_is_a_contract_with_what_is_stored() -> None:
    assert content_id("5" * 64) == "ce4d347df0e687cc"
