"""Tracks of half a minute in every container and at awkward rates: long enough to be cut into parts in tests."""

import subprocess
import tempfile
from pathlib import Path

from core.domain.media import Codec, Container
from tests.corpus.sample import Sample, ffmpeg
from tests.integration.transcode.studio import LISTENER
from transcode.ladder import ladder_rate

SECONDS = 31
MUSIC = (
    "0.3*sin(2*PI*(220+60*floor(mod(t*2\\,7)))*t)*exp(-3*mod(t*2\\,1))+0.1*sin(2*PI*3100*t)*exp(-20*mod(t*4\\,1))"
    "+0.15*sin(2*PI*110*t)+0.02*(random(0)-0.5)"
)
"""Plucks, ticks, a bass and a little noise: nothing repeats where parts are cut."""


def _sample(
    name: str, extension: str, container: Container, codec: Codec, *arguments: str, rate: int = 44_100
) -> Sample:
    def make(path: Path) -> None:
        tune = f"aevalsrc=exprs='{MUSIC}|{MUSIC.replace('220', '247')}':s={rate}:d={SECONDS}:c=stereo"
        ffmpeg("-f", "lavfi", "-i", tune, "-bitexact", *arguments, str(path))

    return Sample(
        name=f"long-{name}-{SECONDS}s",
        filename=f"long-{name}.{extension}",
        container=container,
        codec=codec,
        sample_rate=rate,
        channels=2,
        samples=SECONDS * rate,
        bits_per_sample=None,
        recipe=make,
    )


SAMPLES = (
    _sample("wav-96k", "wav", Container.WAV, Codec.PCM, "-c:a", "pcm_s24le", rate=96_000),
    _sample("aiff-32k", "aiff", Container.AIFF, Codec.PCM, "-c:a", "pcm_s16be", rate=32_000),
    _sample("flac-37k", "flac", Container.FLAC, Codec.FLAC, "-c:a", "flac", "-sample_fmt", "s16", rate=37_800),
    _sample("alac-22k", "m4a", Container.MP4, Codec.ALAC, "-c:a", "alac", rate=22_050),
    _sample("m4a", "m4a", Container.MP4, Codec.AAC, "-c:a", "aac", "-b:a", "192k"),
    _sample("adts", "aac", Container.ADTS, Codec.AAC, "-c:a", "aac", "-b:a", "192k", "-f", "adts", rate=48_000),
    _sample("mp3", "mp3", Container.MP3, Codec.MP3, "-c:a", "libmp3lame", "-q:a", "4"),
    _sample("mp3-plain", "mp3", Container.MP3, Codec.MP3, "-c:a", "libmp3lame", "-b:a", "192k", "-write_xing", "0"),
    _sample("vorbis", "ogg", Container.OGG, Codec.VORBIS, "-c:a", "libvorbis", "-q:a", "6"),
    _sample("opus", "opus", Container.OGG, Codec.OPUS, "-c:a", "libopus", "-b:a", "160k", rate=48_000),
)


def reference(sample: Sample) -> bytes:
    """24-bit PCM of the file by another ffmpeg, at the ladder's rate."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, sample.filename)
        path.write_bytes(sample.read())
        rate = ladder_rate(sample.sample_rate)
        command = [LISTENER, "-v", "error", "-i", str(path), "-ar", str(rate), "-f", "s24le", "-"]
        return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
