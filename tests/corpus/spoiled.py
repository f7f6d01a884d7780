"""The files that must be refused, each with the reason a person is told."""

import functools
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from core.domain.reasons import ReasonCode as R
from tests.corpus.audio import cover, encoded, good, tone
from tests.corpus.sample import BadSample, Recipe, RefusedBy, ffmpeg, named

CLAMAV_TESTFILES = Path("/usr/share/clamav-testfiles")
"""Debian's clamav-testfiles: one harmless program in dozens of wrappings that the scanner must see through."""


def eicar() -> bytes:
    """The EICAR test string, in pieces here so that no scanner trips over this source file."""
    return rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


def encrypted_zip() -> bytes:
    """A zip whose one member claims traditional encryption (APPNOTE 4.4.4, flag bit 0)."""
    name, payload = b"secret.wav", bytes(range(64))
    common = struct.pack("<HHHHHIIIHH", 20, 1, 0, 0, 0x5A21, zlib.crc32(payload), 64, 52, len(name), 0)
    local = b"PK\x03\x04" + common + name + payload
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("song.wav")
        info.size = 4
        archive.addfile(info, io.BytesIO(b"RIFF"))
    return out.getvalue()


def _bytes(make: Callable[[], bytes]) -> Recipe:
    def write(path: Path) -> None:
        path.write_bytes(make())

    return write


def _from(name: str, change: Callable[[bytes], bytes]) -> Recipe:
    """A recipe: the good sample `name` with its bytes changed."""
    return _bytes(lambda: change(named(good(), name).read()))


def cut(share: float) -> Callable[[bytes], bytes]:
    return lambda data: data[: int(len(data) * share)]


def followed_by(tail: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data + tail


def bit_flipped(data: bytes) -> bytes:
    """One bit flipped in the middle of the audio."""
    middle = len(data) * 3 // 5
    return data[:middle] + bytes([data[middle] ^ 0x10]) + data[middle + 1 :]


def header_only_wav() -> bytes:
    form = struct.pack("<IHHIIHH", 16, 1, 2, 44100, 176400, 4, 16)
    return b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + form + b"data" + bytes(4)


def wav_with_hidden_zip() -> bytes:
    """A correct WAV whose last chunk is a zip: a player hears a tone, an unpacker finds the archive."""
    data, tail = named(good(), "wav-16").read(), zipped("hidden.txt", b"hidden" * 50)
    padded = tail if len(tail) % 2 == 0 else _recommented(tail)
    body = data[8:] + b"junk" + struct.pack("<I", len(padded)) + padded
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _recommented(archive: bytes) -> bytes:
    """The same zip with a one-byte comment, so that its length is even."""
    return archive[:-2] + struct.pack("<H", 1) + b" "


def _video(*codec: str) -> Recipe:
    def make(path: Path) -> None:
        picture = ("-f", "lavfi", "-i", "testsrc=s=64x64:r=10:d=2")
        ffmpeg(*tone(44100, 2, 2), *picture, "-fflags", "+bitexact", *codec, str(path))

    return make


def _two_streams(*codec: str) -> Recipe:
    return lambda path: ffmpeg(
        *tone(44100, 2, 2), *tone(44100, 1, 2), "-map", "0", "-map", "1", "-fflags", "+bitexact", *codec, str(path)
    )


def _seven_hours(path: Path) -> None:
    """Real silence: ADTS frames stand alone, so a minute of them may be repeated."""
    minute = path.with_name("minute.aac")
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono:d=60", "-fflags", "+bitexact", "-f", "adts", str(minute))
    path.write_bytes(minute.read_bytes() * 420)


def _bad(name: str, filename: str, reason: R, recipe: Recipe, **more: object) -> BadSample:
    return BadSample(name=name, filename=filename, reason=reason, recipe=recipe, **more)  # type: ignore[arg-type]


def _malware() -> list[BadSample]:
    program = CLAMAV_TESTFILES / "clam.exe"
    return [
        _bad("eicar", "song.wav", R.INFECTED, _bytes(eicar), sniffed=R.NOT_AUDIO),
        _bad("eicar-zip", "song.flac", R.INFECTED, _bytes(lambda: zipped("a.com", eicar())), sniffed=R.ARCHIVE),
        _bad("eicar-behind-wav", "song.wav", R.INFECTED, _from("wav-16", followed_by(eicar())),
             sniffed=R.TRAILING_BYTES),
        _bad("testfile-exe", "song.mp3", R.INFECTED, _bytes(program.read_bytes), sniffed=R.NOT_AUDIO),
        _bad("testfile-7z", "song.wav", R.INFECTED, _bytes((CLAMAV_TESTFILES / "clam.7z").read_bytes),
             sniffed=R.ARCHIVE),
        _bad("encrypted-zip", "song.wav", R.ARCHIVE, _bytes(encrypted_zip)),
    ]  # fmt: skip


def _not_audio() -> list[BadSample]:
    text = b"Dear listeners,\nthis is a letter and not a song.\n" * 40
    html = b"<!doctype html><html><body>404 Not Found</body></html>"
    playlist = b"#EXTM3U\n#EXTINF:3,\nhttps://example.org/song.mp3\n"
    concat = b"ffconcat version 1.0\nfile '/etc/passwd'\n"
    return [
        _bad("jpeg-as-flac", "cover.flac", R.NOT_AUDIO, _bytes(lambda: cover().read_bytes())),
        _bad("jpeg-as-wav", "cover.wav", R.NOT_AUDIO, _bytes(lambda: cover().read_bytes())),
        _bad("text", "letter.mp3", R.NOT_AUDIO, _bytes(lambda: text)),
        _bad("html", "page.ogg", R.NOT_AUDIO, _bytes(lambda: html)),
        _bad("zeros", "zeros.wav", R.NOT_AUDIO, _bytes(lambda: bytes(50_000))),
        _bad("empty", "empty.wav", R.EMPTY, lambda path: path.touch()),
        _bad("video-mp4", "clip.m4a", R.VIDEO, _video("-c:v", "mpeg4", "-c:a", "aac", "-f", "mp4")),
        _bad("video-mkv", "clip.mp3", R.VIDEO, _video("-c:v", "mpeg4", "-c:a", "aac", "-f", "matroska")),
        _bad("video-avi", "clip.wav", R.VIDEO, _video("-c:v", "mpeg4", "-c:a", "pcm_s16le", "-f", "avi")),
        _bad("video-ts", "clip.aac", R.VIDEO, _video("-c:v", "mpeg2video", "-c:a", "aac", "-f", "mpegts")),
        _bad("video-ogg", "clip.ogg", R.VIDEO, _video("-c:v", "libtheora", "-c:a", "libvorbis", "-f", "ogg")),
        _bad("zip", "songs.wav", R.ARCHIVE, _bytes(lambda: zipped("song.txt", text))),
        _bad("tar", "songs.flac", R.ARCHIVE, _bytes(tarred)),
        _bad("gzip", "song.mp3", R.ARCHIVE, _bytes(lambda: b"\x1f\x8b\x08" + bytes(7) + zlib.compress(text))),
        _bad("m3u8", "list.mp3", R.PLAYLIST, _bytes(lambda: playlist)),
        _bad("ffconcat", "list.wav", R.PLAYLIST, _bytes(lambda: concat)),
        _bad("pls", "list.flac", R.PLAYLIST, _bytes(lambda: b"[playlist]\nFile1=song.mp3\n")),
        _bad("cue", "list.flac", R.PLAYLIST, _bytes(lambda: b'REM DATE 2026\nFILE "a.wav" WAVE\n  TRACK 01 AUDIO\n')),
    ]


def _damaged() -> list[BadSample]:
    cuts = ["wav-16", "aiff-16", "flac-16", "m4a-moov-first", "m4a-moov-last", "mp3-cbr", "ogg-vorbis", "opus",
            "aac-adts"]  # fmt: skip
    return [
        *(_bad(f"truncated-{name}", named(good(), name).filename, R.TRUNCATED, _from(name, cut(0.7))) for name in cuts),
        _bad("truncated-flac-a-little", "song.flac", R.TRUNCATED, _from("flac-16", lambda data: data[:-9])),
        _bad("bit-flipped-flac", "song.flac", R.CORRUPT, _from("flac-16", bit_flipped), refused_by=RefusedBy.TRANSCODE),
        _bad("bit-flipped-flac-24", "song.flac", R.CORRUPT, _from("flac-24", bit_flipped),
             refused_by=RefusedBy.TRANSCODE),
        _bad("header-only-wav", "silent.wav", R.EMPTY, _bytes(header_only_wav)),
    ]  # fmt: skip


def _dressed_up() -> list[BadSample]:
    archive = zipped("hidden.txt", b"hidden" * 50)
    tails = ["wav-16", "aiff-16", "flac-16", "m4a-moov-first", "mp3-cbr", "ogg-vorbis", "aac-adts"]
    ulaw = encoded(8000, 1, "-c:a", "pcm_mulaw", "-f", "wav")
    return [
        *(_bad(f"{name}-then-zip", named(good(), name).filename, R.TRAILING_BYTES, _from(name, followed_by(archive)))
          for name in tails),
        _bad("wav-then-noise", "song.wav", R.TRAILING_BYTES, _from("wav-16", followed_by(b"\xde\xad\xbe\xef" * 10))),
        _bad("wav-hiding-zip", "song.wav", R.ARCHIVE, _bytes(wav_with_hidden_zip)),
        _bad("flac-named-mp3", "song.mp3", R.EXTENSION_MISMATCH, _from("flac-16", lambda data: data)),
        _bad("wav-named-flac", "song.flac", R.EXTENSION_MISMATCH, _from("wav-16", lambda data: data)),
        _bad("wav-ulaw", "song.wav", R.FORMAT_UNSUPPORTED, ulaw),
        _bad("mp4-ac3", "song.m4a", R.FORMAT_UNSUPPORTED, encoded(48000, 2, "-c:a", "ac3", "-f", "mp4")),
        _bad("wma", "song.mp3", R.FORMAT_UNSUPPORTED, encoded(44100, 2, "-c:a", "wmav2", "-f", "asf")),
        _bad("wavpack", "song.wav", R.FORMAT_UNSUPPORTED, encoded(44100, 2, "-c:a", "wavpack", "-f", "wv")),
        _bad("two-streams-mp4", "song.m4a", R.TOO_MANY_STREAMS, _two_streams("-c:a", "aac", "-f", "mp4")),
        _bad("two-streams-ogg", "song.ogg", R.TOO_MANY_STREAMS, _two_streams("-c:a", "libvorbis", "-f", "ogg")),
        _bad("chained-ogg", "song.ogg", R.TOO_MANY_STREAMS, _from("ogg-vorbis", lambda data: data + data)),
        _bad("seven-hours", "silence.aac", R.TOO_LONG, _seven_hours),
    ]  # fmt: skip


@functools.cache
def _all() -> tuple[BadSample, ...]:
    return (*_malware(), *_not_audio(), *_damaged(), *_dressed_up())


def bad() -> list[BadSample]:
    """Every kind of file that must be refused."""
    return list(_all())
