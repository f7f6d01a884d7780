import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.media import Rendition
from transcode.hls import SegmentFacts, ascending, bandwidths, master_playlist, media_playlist, presented


def a_rendition(name: str, bandwidth: int, codec: str = "mp4a.40.2") -> Rendition:
    return Rendition(
        name=name, codec=codec, bandwidth=bandwidth, average_bandwidth=bandwidth, sample_rate=44_100, channels=2
    )


def facts(*sizes_and_seconds: tuple[int, float]) -> list[SegmentFacts]:
    return [SegmentFacts(number, size, seconds) for number, (size, seconds) in enumerate(sizes_and_seconds, 1)]


segments = st.lists(st.tuples(st.integers(1, 10**6), st.floats(0.02, 6.4)), min_size=1, max_size=40)


def test_a_media_playlist_is_a_whole_vod() -> None:
    assert media_playlist(facts((1000, 0.975238), (2000, 1.996916))) == (
        "#EXTM3U\n"
        "#EXT-X-VERSION:7\n"
        "#EXT-X-TARGETDURATION:6\n"
        "#EXT-X-MEDIA-SEQUENCE:1\n"
        "#EXT-X-PLAYLIST-TYPE:VOD\n"
        "#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-MAP:URI="init.mp4"\n'
        "#EXTINF:0.975238,\n"
        "00001.m4s\n"
        "#EXTINF:1.996916,\n"
        "00002.m4s\n"
        "#EXT-X-ENDLIST\n"
    )


def test_a_master_playlist_names_every_rendition_by_a_relative_uri() -> None:
    assert master_playlist([a_rendition("aac-64", 66_000), a_rendition("flac", 900_000, "fLaC")]) == (
        "#EXTM3U\n"
        "#EXT-X-VERSION:7\n"
        "#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=66000,AVERAGE-BANDWIDTH=66000,CODECS="mp4a.40.2"\n'
        "aac-64/media.m3u8\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=900000,AVERAGE-BANDWIDTH=900000,CODECS="fLaC"\n'
        "flac/media.m3u8\n"
    )


@given(st.lists(st.integers(1, 500_000), min_size=1, max_size=30), st.integers(0, 1024), st.integers(1, 1024))
def test_what_is_heard_adds_up_to_the_track(durations: list[int], priming: int, heard_of_last: int) -> None:
    starts = [sum(durations[:n]) for n in range(len(durations))]
    total = max(0, starts[-1] - priming) + heard_of_last

    heard = presented(list(zip(starts, durations, strict=True)), priming=priming, total=total)

    assert sum(heard) == pytest.approx(total)
    assert all(length >= 0 for length in heard)


def test_the_first_segment_loses_the_priming_and_the_last_the_padding() -> None:
    assert presented([(0, 44_032), (44_032, 2048)], priming=1024, total=44_100) == [43_008, 1_092]


@given(segments)
def test_the_peak_covers_every_window_and_the_average(track: list[tuple[int, float]]) -> None:
    made = facts(*track)

    peak, average = bandwidths(made)

    assert peak >= average
    for segment in made:
        if segment.duration_s >= 3:
            assert peak >= segment.size_bytes * 8 / segment.duration_s


def test_a_loud_second_alone_is_no_peak() -> None:
    """RFC 8216 §4.3.4.2 looks at runs of at least half a target duration."""
    peak, _ = bandwidths(facts((100_000, 1.0), (10_000, 2.0), (10_000, 3.0)))

    assert peak == pytest.approx(110_000 * 8 / 3, abs=1)


def test_a_track_shorter_than_half_a_target_has_one_rate() -> None:
    assert bandwidths(facts((1000, 1.0), (500, 0.5))) == (8000, 8000)


@given(st.lists(st.integers(1, 20), min_size=1, max_size=8))
def test_renditions_ascend_and_no_two_are_the_same(rates: list[int]) -> None:
    ordered = [rendition.bandwidth for rendition in ascending(a_rendition(str(n), r) for n, r in enumerate(rates))]

    assert ordered == sorted(set(ordered))
    assert len(ordered) == len(rates)
    assert all(declared >= real for declared, real in zip(ordered, sorted(rates), strict=True))
