"""The acceptable files, one line each."""

import functools
import struct
import wave
from dataclasses import replace
from pathlib import Path

from core.domain.media import Codec, Container
from tests.corpus.sample import Recipe, Sample, cached, ffmpeg

SECONDS = 3
TAGS = {"title": "Aurore", "artist": "Les Témoins", "album": "Corpus", "genre": "Ambient", "date": "2026", "track": "3"}

_EXACT = ("-fflags", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1")


def tone(rate: int, channels: int, seconds: float = SECONDS) -> tuple[str, ...]:
    """ffmpeg's input arguments for a chord that differs per channel and swells, so that peaks and loudness vary."""
    voices = [
        f"(0.15+0.25*abs(sin(PI*t/2)))*sin(2*PI*{220 * (n + 2) / 2}*t)+0.05*sin(2*PI*{900 + 130 * n}*t)"
        for n in range(channels)
    ]
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    return ("-f", "lavfi", "-i", f"aevalsrc=exprs={'|'.join(voices)}:s={rate}:d={seconds}:c={layout}")


def cover() -> Path:
    """A small JPEG picture."""
    return cached(
        "cover.jpg",
        lambda path: ffmpeg("-f", "lavfi", "-i", "testsrc=s=320x320:d=1", "-frames:v", "1", "-bitexact", str(path)),
    )


def encoded(
    rate: int,
    channels: int,
    *codec: str,
    with_cover: bool = False,
    tags: dict[str, str] | None = None,
    seconds: float = SECONDS,
) -> Recipe:
    """A recipe: the tone through ffmpeg with the codec's arguments."""

    def make(path: Path) -> None:
        picture = ("-i", str(cover()), "-map", "0:a", "-map", "1:v", "-c:v", "copy") if with_cover else ()
        disposition = ("-disposition:v", "attached_pic") if with_cover else ()
        words = [part for key, value in (tags or {}).items() for part in ("-metadata", f"{key}={value}")]
        ffmpeg(*tone(rate, channels, seconds), *picture, *_EXACT, *disposition, *words, *codec, str(path))

    return make


def pcm(rate: int, channels: int) -> bytes:
    """The tone as raw signed 16-bit little-endian."""
    return cached(f"tone-{rate}-{channels}.raw", encoded(rate, channels, "-f", "s16le")).read_bytes()


def plain_wav_24(path: Path) -> None:
    """24 bits in a WAVE_FORMAT_PCM header, as Python's wave module writes them (ffmpeg would use EXTENSIBLE)."""
    values = struct.iter_unpack("<h", pcm(44100, 2))
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(3)
        out.setframerate(44100)
        out.writeframes(b"".join((value << 8).to_bytes(3, "little", signed=True) for (value,) in values))


def _of(
    name: str,
    extension: str,
    container: Container,
    codec: Codec,
    *arguments: str,
    rate: int = 44100,
    channels: int = 2,
    bits: int | None = None,
    tags: dict[str, str] | None = None,
    has_cover: bool = False,
    recipe: Recipe | None = None,
) -> Sample:
    return Sample(
        name=name,
        filename=f"{name}.{extension}",
        container=container,
        codec=codec,
        sample_rate=rate,
        channels=channels,
        samples=SECONDS * rate,
        bits_per_sample=bits,
        tags=tags or {},
        has_cover=has_cover,
        arguments=arguments,
        recipe=recipe or encoded(rate, channels, *arguments, with_cover=has_cover, tags=tags),
    )


def _wav() -> list[Sample]:
    wav, p = Container.WAV, Codec.PCM
    return [
        _of("wav-16", "wav", wav, p, "-c:a", "pcm_s16le", bits=16),
        _of("wav-24", "wav", wav, p, recipe=plain_wav_24, bits=24),
        _of("wav-24-extensible", "wav", wav, p, "-c:a", "pcm_s24le", bits=24),
        _of("wav-32", "wav", wav, p, "-c:a", "pcm_s32le", bits=32),
        _of("wav-32f", "wav", wav, p, "-c:a", "pcm_f32le", bits=32),
        _of("wav-64f", "wav", wav, p, "-c:a", "pcm_f64le", bits=64),
        _of("wav-8-mono-8k", "wav", wav, p, "-c:a", "pcm_u8", rate=8000, channels=1, bits=8),
        _of("wav-51", "wav", wav, p, "-c:a", "pcm_s16le", rate=48000, channels=6, bits=16),
        _of("wav-192k", "wav", wav, p, "-c:a", "pcm_s24le", rate=192000, bits=24),
        _of("wav-11k", "wav", wav, p, "-c:a", "pcm_s16le", rate=11025, bits=16),
        _of("wav-rf64", "wav", wav, p, "-c:a", "pcm_s16le", "-rf64", "always", bits=16),
        _of("wav-broadcast", "wav", wav, p, "-c:a", "pcm_s24le", "-write_bext", "1", rate=48000, bits=24, tags=TAGS),
    ]


def _aiff() -> list[Sample]:
    aiff, p = Container.AIFF, Codec.PCM
    return [
        _of("aiff-16", "aiff", aiff, p, "-c:a", "pcm_s16be", bits=16),
        _of("aiff-24", "aif", aiff, p, "-c:a", "pcm_s24be", rate=96000, bits=24, tags={"title": "Aurore"}),
        _of("aifc-sowt", "aifc", aiff, p, "-c:a", "pcm_s16le", "-f", "aiff", bits=16),
        _of("aifc-fl32", "aifc", aiff, p, "-c:a", "pcm_f32be", "-f", "aiff", bits=32),
        _of("aiff-mono", "aiff", aiff, p, "-c:a", "pcm_s16be", rate=22050, channels=1, bits=16),
    ]


def _flac() -> list[Sample]:
    flac = Container.FLAC, Codec.FLAC
    wide = ("-c:a", "flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24")
    return [
        _of("flac-16", "flac", *flac, "-c:a", "flac", "-sample_fmt", "s16", bits=16),
        _of("flac-24", "flac", *flac, *wide, rate=48000, bits=24),
        _of("flac-tagged", "flac", *flac, "-c:a", "flac", "-sample_fmt", "s16", bits=16, tags=TAGS, has_cover=True),
        _of("flac-mono", "flac", *flac, "-c:a", "flac", "-sample_fmt", "s16", channels=1, bits=16),
        _of("flac-51", "flac", *flac, "-c:a", "flac", "-sample_fmt", "s16", rate=48000, channels=6, bits=16),
        _of("flac-8k", "flac", *flac, "-c:a", "flac", "-sample_fmt", "s16", rate=8000, channels=1, bits=16),
        _of("flac-88k", "flac", *flac, *wide, rate=88200, bits=24),
        _of("flac-192k", "flac", *flac, *wide, rate=192000, bits=24),
    ]


def _mp4() -> list[Sample]:
    mp4, aac, alac = Container.MP4, Codec.AAC, Codec.ALAC
    lossy = ("-c:a", "aac", "-b:a", "128k")
    first = ("-movflags", "+faststart")
    return [
        _of("m4a-moov-first", "m4a", mp4, aac, *lossy, *first),
        _of("m4a-moov-last", "m4a", mp4, aac, *lossy),
        _of("m4a-tagged", "m4a", mp4, aac, *lossy, *first, tags=TAGS, has_cover=True),
        _of("m4a-mono-48k", "m4a", mp4, aac, *lossy, rate=48000, channels=1),
        _of("m4a-51", "m4a", mp4, aac, "-c:a", "aac", "-b:a", "256k", rate=48000, channels=6),
        _of("m4a-fragmented", "m4a", mp4, aac, *lossy, "-movflags", "+empty_moov+default_base_moof+frag_keyframe",
            "-frag_duration", "500000"),
        _of("alac-16", "m4a", mp4, alac, "-c:a", "alac", "-sample_fmt", "s16p", bits=16),
        _of("alac-24", "m4a", mp4, alac, "-c:a", "alac", "-sample_fmt", "s32p", rate=96000, bits=24, tags=TAGS),
    ]  # fmt: skip


def _mpeg() -> list[Sample]:
    adts, aac, mp3 = Container.ADTS, Codec.AAC, Codec.MP3
    lame = ("-c:a", "libmp3lame")
    return [
        _of("aac-adts", "aac", adts, aac, "-c:a", "aac", "-b:a", "128k", "-f", "adts"),
        _of("aac-adts-mono-32k", "aac", adts, aac, "-c:a", "aac", "-f", "adts", rate=32000, channels=1),
        _of("mp3-cbr", "mp3", Container.MP3, mp3, *lame, "-b:a", "192k"),
        _of("mp3-vbr-tagged", "mp3", Container.MP3, mp3, *lame, "-q:a", "2", "-write_id3v1", "1", "-id3v2_version", "3",
            tags=TAGS, has_cover=True),
        _of("mp3-320-48k", "mp3", Container.MP3, mp3, *lame, "-b:a", "320k", rate=48000),
        _of("mp3-no-xing", "mp3", Container.MP3, mp3, *lame, "-b:a", "128k", "-write_xing", "0", "-id3v2_version", "0"),
        _of("mp3-mono-22k", "mp3", Container.MP3, mp3, *lame, "-b:a", "64k", rate=22050, channels=1),
        _of("mp3-8k", "mp3", Container.MP3, mp3, *lame, "-b:a", "32k", rate=8000, channels=1),
    ]  # fmt: skip


def _ogg() -> list[Sample]:
    ogg = Container.OGG
    opus = ("-c:a", "libopus", "-b:a", "96k")
    return [
        _of("ogg-vorbis", "ogg", ogg, Codec.VORBIS, "-c:a", "libvorbis", "-q:a", "5", tags=TAGS),
        _of("ogg-vorbis-mono", "oga", ogg, Codec.VORBIS, "-c:a", "libvorbis", rate=22050, channels=1),
        _of("ogg-vorbis-51", "ogg", ogg, Codec.VORBIS, "-c:a", "libvorbis", rate=48000, channels=6),
        _of("ogg-flac", "oga", ogg, Codec.FLAC, "-c:a", "flac", "-sample_fmt", "s16", "-f", "ogg", bits=16),
        _of("opus", "opus", ogg, Codec.OPUS, *opus, rate=48000, tags=TAGS),
        _of("opus-mono", "opus", ogg, Codec.OPUS, *opus, rate=48000, channels=1),
        _of("opus-51", "ogg", ogg, Codec.OPUS, "-c:a", "libopus", "-b:a", "256k", rate=48000, channels=6),
    ]


@functools.cache
def _all() -> tuple[Sample, ...]:
    return (*_wav(), *_aiff(), *_flac(), *_mp4(), *_mpeg(), *_ogg())


def good() -> list[Sample]:
    """Every accepted kind of file; nothing is made before `path` is asked for."""
    return list(_all())


def brief() -> list[Sample]:
    """The same kinds of file with a quarter of a second in each, for tests that need very many."""
    return [_brief(sample) for sample in good() if sample.arguments]


def _brief(sample: Sample) -> Sample:
    rate, channels, seconds = sample.sample_rate, sample.channels, 0.25
    recipe = encoded(rate, channels, *sample.arguments, with_cover=sample.has_cover, tags=sample.tags, seconds=seconds)
    return replace(sample, name=f"brief-{sample.name}", samples=int(seconds * rate + 0.5), recipe=recipe)
