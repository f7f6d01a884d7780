"""A track of over ten minutes through the deployed stack: heard while it is still being made, in parts, and whole."""

import pytest

from core.domain.media import Codec, Container
from tests.corpus.audio import tone
from tests.corpus.sample import Sample, ffmpeg
from tests.e2e.apple_rules import assert_apple_rules
from tests.e2e.hls_reader import MediaPlaylist, read_presentation, timescale
from tests.e2e.reader import decode
from tests.people import Artist

SECONDS = 640
RATE = 8_000
ENCODER_PADDING = 2 * 1024 + 64
EARLY_S = 12
"""What must be there before a track counts as playable; a player looks again after six seconds."""

LONG = Sample(
    name="ten-minutes",
    filename="ten-minutes.flac",
    container=Container.FLAC,
    codec=Codec.FLAC,
    sample_rate=RATE,
    channels=1,
    samples=SECONDS * RATE,
    bits_per_sample=16,
    recipe=lambda path: ffmpeg(*tone(RATE, 1, SECONDS), "-bitexact", "-sample_fmt", "s16", str(path)),
)


@pytest.fixture(scope="module")
def track_id(artist: Artist) -> str:
    return artist.upload(LONG.filename, LONG.read())


@pytest.fixture(scope="module")
def early(artist: Artist, track_id: str) -> list[MediaPlaylist]:
    """What can be heard when the track has just become playable."""
    artist.wait_for(track_id, "playable")
    ticket = artist.ticket(track_id)
    assert ticket["samples"] == LONG.samples
    return list(read_presentation(artist.cloud.http, ticket["hls_url"]).media)


def test_it_can_be_heard_from_the_start_while_it_is_being_made(early: list[MediaPlaylist]) -> None:
    assert [playlist.codec for playlist in early] == ["mp4a.40.2"] * 2
    for playlist in early:
        assert "#EXT-X-PLAYLIST-TYPE:EVENT" in playlist.tags
        assert "#EXT-X-START:TIME-OFFSET=0,PRECISE=YES" in playlist.tags
        assert "#EXT-X-ENDLIST" not in playlist.tags
        assert EARLY_S - 1 < playlist.duration < SECONDS
        assert playlist.target == 6


def test_it_becomes_whole(artist: Artist, track_id: str, early: list[MediaPlaylist]) -> None:
    artist.wait_for(track_id, "ready")
    ticket = artist.ticket(track_id)
    assert ticket["samples"] == LONG.samples

    presentation = read_presentation(artist.cloud.http, ticket["hls_url"])
    assert_apple_rules(presentation, duration_s=SECONDS, lossless=True)
    for playlist in presentation.media:
        rate = timescale(playlist.init)
        heard = decode(playlist.url, rate=rate)
        assert -1 <= heard - SECONDS * rate <= (1 if playlist.codec == "fLaC" else ENCODER_PADDING)


def test_who_began_early_hears_it_to_the_end(artist: Artist, track_id: str, early: list[MediaPlaylist]) -> None:
    artist.wait_for(track_id, "ready")
    for begun in early:
        rate = timescale(begun.init)
        assert -1 <= decode(begun.url, rate=rate) - SECONDS * rate <= ENCODER_PADDING
