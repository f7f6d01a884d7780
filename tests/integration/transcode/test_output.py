"""What lies in the media bucket in the end, down to the headers."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.media import Codec, Container
from tests import corpus
from tests.corpus.audio import tone
from tests.corpus.sample import Sample, cached, ffmpeg
from tests.integration.transcode.studio import PROBE, Made, encoded, facts_of, heard, made_of


def a_recording(name: str, *source: str, seconds: float, channels: int = 2) -> Sample:
    """A 16-bit WAV of what ffmpeg's input arguments make."""
    return Sample(
        name=name,
        filename=f"{name}.wav",
        container=Container.WAV,
        codec=Codec.PCM,
        sample_rate=44_100,
        channels=channels,
        samples=round(seconds * 44_100),
        bits_per_sample=16,
        recipe=lambda path: ffmpeg(*source, "-ac", str(channels), "-bitexact", "-c:a", "pcm_s16le", str(path)),
    )


@pytest.fixture
def twenty_seconds() -> Made:
    return made_of(a_recording("twenty-seconds", *tone(44_100, 2, 20), seconds=20))


def test_a_player_starts_after_a_second_and_goes_on_in_sixes(twenty_seconds: Made) -> None:
    for rung in twenty_seconds.rungs:
        assert rung.target == 6
        assert [round(seconds) for seconds in rung.extinf] == [1, 2, 3, 6, 6, 2]
        assert max(rung.extinf) <= rung.target + 0.5, "Apple 7.7"


def test_declared_rates_hold(twenty_seconds: Made) -> None:
    for rung, rendition in zip(twenty_seconds.rungs, twenty_seconds.result.renditions, strict=True):
        rates = [len(s) * 8 / t for s, t in zip(rung.segments, rung.extinf, strict=True)]
        average = sum(len(s) for s in rung.segments) * 8 / twenty_seconds.seconds
        assert rendition.average_bandwidth == pytest.approx(average, rel=0.001)
        assert max(rates[2:5]) <= rendition.bandwidth <= max(rates) + 1


def test_playlists_say_what_was_measured(twenty_seconds: Made) -> None:
    master = twenty_seconds.text("master.m3u8")

    for r in twenty_seconds.result.renditions:
        assert f'BANDWIDTH={r.bandwidth},AVERAGE-BANDWIDTH={r.average_bandwidth},CODECS="{r.codec}"' in master


def test_every_file_has_its_type_and_may_be_kept_for_ever() -> None:
    made = made_of(corpus.sample("flac-tagged"))
    types = {
        ".m3u8": ("application/vnd.apple.mpegurl", "gzip"),
        ".json": ("application/json", "gzip"),
        ".mp4": ("audio/mp4", ""),
        ".m4s": ("audio/mp4", ""),
        ".mp3": ("audio/mpeg", ""),
        ".dat": ("application/octet-stream", ""),
        ".jpg": ("image/jpeg", ""),
    }

    assert {Path(file).suffix for file in made.files} == set(types)
    for file, stored in made.files.items():
        assert (stored.content_type, stored.content_encoding) == types[Path(file).suffix], file
        grows = file.endswith("/event.m3u8")
        assert stored.cache_control == ("public, max-age=1" if grows else "public, max-age=31536000, immutable")


def test_the_download_is_a_tagged_mp3(tmp_path: Path) -> None:
    made = made_of(corpus.sample("flac-tagged"))
    mp3 = made.files["download.mp3"]
    path = tmp_path / "download.mp3"
    path.write_bytes(mp3.body)

    shown = json.loads(probed(path, "format_tags:stream=codec_name,bit_rate,sample_rate,channels"))

    assert shown["format"]["tags"]["title"] == "Aurore"
    assert shown["format"]["tags"]["artist"] == "Les Témoins"
    assert shown["streams"][0]["bit_rate"] == "320000"
    assert mp3.content_disposition.startswith('attachment; filename="Les T_moins - Aurore.mp3"')
    assert made.result.download_bytes == len(mp3.body)
    assert len(heard(mp3.body, tmp_path, suffix="mp3")) / 6 == pytest.approx(made.result.samples, abs=3 * 1152)


def test_covers_are_drawn_anew_in_two_sizes(tmp_path: Path) -> None:
    wide = cached(
        "wide.png", lambda path: ffmpeg("-f", "lavfi", "-i", "testsrc=s=2400x1600:d=1", "-frames:v", "1", str(path))
    )
    sample = corpus.sample("flac-16")
    arguments = ("-i", str(sample.path), "-i", str(wide), "-map", "0", "-map", "1", "-c", "copy")
    path = cached("with-wide-cover.flac", lambda path: ffmpeg(*arguments, "-disposition:v", "attached_pic", str(path)))

    made = encoded(path.read_bytes(), facts_of(sample))

    for size, (width, height) in {1200: (1200, 800), 300: (300, 200)}.items():
        picture = tmp_path / f"{size}.jpg"
        picture.write_bytes(made.files[f"cover-{size}.jpg"].body)
        (shown,) = json.loads(probed(picture, "stream=codec_name,width,height"))["streams"]
        assert shown == {"codec_name": "mjpeg", "width": width, "height": height}


@pytest.mark.parametrize("channels", [1, 2])
def test_loudness_is_what_ebu_says_of_its_reference_tone(channels: int) -> None:
    """EBU Tech 3341, test 1: a stereo 1 kHz sine at −23 dBFS measures −23 LUFS; mono is heard from both sides."""
    peak = 10 ** (-23 / 20)
    voices = "|".join([f"{peak}*sin(2*PI*1000*t)"] * channels)
    sine = ("-f", "lavfi", "-i", f"aevalsrc=exprs={voices}:s=44100:d=4")

    made = made_of(a_recording(f"reference-{channels}", *sine, seconds=4, channels=channels))

    measured = made.result.loudness
    assert measured is not None
    assert measured.integrated_lufs == pytest.approx(-23, abs=0.1)
    assert measured.true_peak_db == pytest.approx(-23, abs=0.2)
    assert measured.gain_db == pytest.approx(9, abs=0.1)


def test_waveforms_cover_the_whole_track() -> None:
    made = made_of(corpus.sample("wav-16"))

    for zoom, points in {"detail": 300, "overview": 30}.items():
        waveform = json.loads(made.text(f"waveform-{zoom}.json"))
        assert waveform["length"] == points
        assert max(waveform["data"]) > 30
        assert len(made.files[f"waveform-{zoom}.dat"].body) == 24 + 2 * points


def test_a_fingerprint_is_the_same_for_the_same_music() -> None:
    assert made_of(corpus.sample("wav-16")).result.fingerprint == made_of(corpus.sample("flac-16")).result.fingerprint


def test_a_second_run_makes_the_same_bytes() -> None:
    sample = corpus.sample("alac-24")

    first, second = made_of(sample), encoded(sample.read(), facts_of(sample))

    assert second == first


def test_the_title_of_the_track_names_the_download() -> None:
    sample = corpus.sample("mp3-8k")

    made = encoded(sample.read(), replace(facts_of(sample)), title='AC/DC: "Live"\n')

    assert made.files["download.mp3"].content_disposition.startswith('attachment; filename="AC_DC_ _Live_.mp3"')


def probed(path: Path, entries: str) -> bytes:
    arguments = ["-v", "error", "-of", "json", "-show_entries", entries, str(path)]
    run = subprocess.run([PROBE, *arguments], capture_output=True, check=True, timeout=30)
    assert run.stderr == b""
    return run.stdout
