"""Apple's HLS authoring rules for audio, each check named after its number where it has one."""

from itertools import pairwise

from tests.e2e.hls_reader import MediaPlaylist, Presentation, codec_of, decode_times, timescale

AAC_FRAME = 1024
RATE_TOLERANCE = 0.10


def assert_apple_rules(presentation: Presentation, *, duration_s: float, lossless: bool) -> None:
    """Holds a whole presentation against the rules; `duration_s` is the source's exact length."""
    media = presentation.media
    assert_master(presentation, lossless=lossless)
    for playlist in media:
        assert_media_playlist(playlist, duration_s=duration_s)
        assert_segments(playlist)
        assert_rates(playlist)
    assert len({p.target for p in media}) == 1, "8.2 one target duration"
    assert len({len(p.segments) for p in media}) == 1, "8.22 aligned boundaries"
    for ends in zip(*(p.boundaries for p in media), strict=True):
        assert max(ends) - min(ends) <= 0.050, f"8.22 boundaries drift: {ends}"


def assert_master(presentation: Presentation, *, lossless: bool) -> None:
    assert "#EXT-X-INDEPENDENT-SEGMENTS" in presentation.lines
    version = next(int(line.partition(":")[2]) for line in presentation.lines if line.startswith("#EXT-X-VERSION:"))
    assert version >= 6
    rates = [int(p.attributes["BANDWIDTH"]) for p in presentation.media]
    averages = [int(p.attributes["AVERAGE-BANDWIDTH"]) for p in presentation.media]  # 9.14
    assert rates == sorted(set(rates)), "variants ascend, none twice"
    assert all(average <= peak for average, peak in zip(averages, rates, strict=True))
    codecs = [p.codec for p in presentation.media]  # 9.1
    assert codecs.count("mp4a.40.2") == 4
    assert codecs.count("fLaC") == (1 if lossless else 0)


def assert_media_playlist(playlist: MediaPlaylist, *, duration_s: float) -> None:
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in playlist.tags, "8.6"
    assert playlist.tags[-1] == "#EXT-X-ENDLIST"
    assert sum(tag.startswith("#EXT-X-MAP:") for tag in playlist.tags) == 1, "8.20"
    longest = max(s.extinf for s in playlist.segments)
    assert playlist.target == 6, "7.5"
    assert round(longest) <= playlist.target, "RFC 8216 §4.3.3.1"
    assert longest <= playlist.target + 0.5, "7.7"
    rate = timescale(playlist.init)
    assert abs(playlist.duration - duration_s) <= AAC_FRAME / rate + 0.001, "8.1 EXTINF sums"


def assert_segments(playlist: MediaPlaylist) -> None:
    """Every segment starts with a fragment, and decode times continue without a gap (7.1, 7.3)."""
    assert codec_of(playlist.init) == playlist.codec, "9.1 CODECS from the init segment"
    rate = timescale(playlist.init)
    times = []
    for segment in playlist.segments:
        assert segment.body[4:8] in {b"moof", b"styp", b"sidx", b"prft"}
        fragments = decode_times(segment.body)
        assert fragments
        times += fragments
        held = sum(duration for _, duration in fragments) / rate
        assert abs(held - segment.extinf) <= (2 * AAC_FRAME + 64) / rate + 0.03, "8.1 EXTINF of a segment"
    assert times[0][0] == 0
    for (start, duration), (following, _) in pairwise(times):
        assert following == start + duration, "7.1 continuous"


def assert_rates(playlist: MediaPlaylist) -> None:
    """BANDWIDTH is the peak over windows of 0.5 to 1.5 target durations (RFC 8216 §4.3.4.2), both within 10 %."""
    sizes = [(len(s.body) * 8, s.extinf) for s in playlist.segments]
    peak = 0.0
    for first in range(len(sizes)):
        bits = seconds = 0.0
        for size, extinf in sizes[first:]:
            bits, seconds = bits + size, seconds + extinf
            if seconds > 1.5 * playlist.target:
                break
            if seconds >= 0.5 * playlist.target or len(sizes) == 1:
                peak = max(peak, bits / seconds)
    average = sum(bits for bits, _ in sizes) / playlist.duration
    declared, declared_average = (int(playlist.attributes[n]) for n in ("BANDWIDTH", "AVERAGE-BANDWIDTH"))
    if playlist.duration >= 0.5 * playlist.target:
        assert abs(declared - peak) <= RATE_TOLERANCE * peak, f"9.13 BANDWIDTH {declared} against {peak:.0f}"
    assert declared >= peak * 0.999, "9.13 BANDWIDTH is an upper bound"
    assert abs(declared_average - average) <= RATE_TOLERANCE * average, "9.14 AVERAGE-BANDWIDTH"
