"""Each accepted format through the deployed stack, then read back over HTTP by somebody who knows nothing of us."""

from collections.abc import Callable

import pytest

from tests import corpus
from tests.corpus import Sample
from tests.e2e.apple_rules import assert_apple_rules
from tests.e2e.hls_reader import read_presentation, timescale
from tests.e2e.reader import decode
from tests.people import Artist

ENCODER_PADDING = 2 * 1024 + 64
"""What AAC may add at most: priming and the rest of the last frame, at the ladder's rate."""


@pytest.mark.parametrize("sample", corpus.good(), ids=str)
def test_it_becomes_ready_and_plays_on_every_rung(
    sample: Sample, artist: Artist, uploaded: Callable[[str], str]
) -> None:
    track_id = uploaded(sample.name)
    track = artist.wait_for(track_id, "ready")
    ticket = artist.ticket(track_id)

    seconds = ticket["samples"] / sample.sample_rate
    assert abs(ticket["samples"] - sample.samples) <= (0 if sample.lossless else 2 * 2304)
    assert track["duration_ms"] == pytest.approx(seconds * 1000, abs=1)
    assert track["lossless"] is sample.lossless
    rungs = {"aac-64", "aac-128", "aac-192", "aac-320"} | ({"flac"} if sample.lossless else set())
    assert {rendition["name"] for rendition in track["renditions"]} == rungs

    presentation = read_presentation(artist.cloud.http, ticket["hls_url"])
    assert_apple_rules(presentation, duration_s=seconds, lossless=sample.lossless)
    for playlist in presentation.media:
        rate = timescale(playlist.init)
        heard = decode(playlist.url, rate=rate)
        exact = round(seconds * rate)
        if playlist.codec == "fLaC":
            assert abs(heard - exact) <= 1
        else:
            assert -1 <= heard - exact <= ENCODER_PADDING


@pytest.mark.parametrize("name", ["flac-tagged", "mp3-vbr-tagged", "m4a-tagged", "opus"])
def test_tags_and_cover_are_read_from_the_file(name: str, artist: Artist, uploaded: Callable[[str], str]) -> None:
    sample = corpus.sample(name)
    track = artist.wait_for(uploaded(name), "ready")
    assert track["tags"]["title"] == sample.tags["title"]
    assert track["tags"]["artist"] == sample.tags["artist"]
    assert (track["cover_url"] is not None) is sample.has_cover
    if sample.has_cover:
        cover = artist.cloud.http.get(track["cover_url"])
        assert cover.status_code == 200
        assert cover.headers["content-type"] == "image/jpeg"
        assert cover.content.startswith(b"\xff\xd8\xff")


def test_the_waveform_covers_the_whole_track(artist: Artist, uploaded: Callable[[str], str]) -> None:
    track = artist.wait_for(uploaded("wav-16"), "ready")
    for url, per_second in ((track["waveform_url"], 10), (track["waveform_detail_url"], 100)):
        waveform = artist.cloud.http.get(url).json()
        assert waveform["version"] == 2
        assert waveform["length"] == pytest.approx(3 * per_second, abs=1)
        assert len(waveform["data"]) == 2 * waveform["length"] * waveform["channels"]
        assert max(waveform["data"]) > 20
        binary = artist.cloud.http.get(url.replace(".json", ".dat"))
        assert binary.status_code == 200
        assert len(binary.content) == 24 + 2 * waveform["length"]


def test_loudness_is_published_not_baked_in(artist: Artist, uploaded: Callable[[str], str]) -> None:
    track = artist.wait_for(uploaded("flac-16"), "ready")
    loudness = track["loudness"]
    assert -40 < loudness["integrated_lufs"] < 0
    assert loudness["true_peak_db"] + loudness["gain_db"] <= -1 + 0.01
    assert artist.ticket(track["id"])["gain_db"] == loudness["gain_db"]


def test_the_owner_can_download_an_mp3(artist: Artist, uploaded: Callable[[str], str]) -> None:
    track_id = uploaded("flac-16")
    artist.wait_for(track_id, "ready")
    ticket = artist.ticket(track_id)
    download = artist.cloud.http.get(ticket["download_url"])
    assert download.headers["content-type"] == "audio/mpeg"
    assert "attachment" in download.headers["content-disposition"]
    assert decode(ticket["download_url"], rate=44100) >= ticket["samples"]
