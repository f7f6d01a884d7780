"""Files through the real ffmpeg, each once per test run, and Debian's ffmpeg as the independent listener."""

import gzip
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg  # type: ignore[import-untyped]

from core.domain.ids import TrackId
from core.domain.media import MediaResult, SourceFacts
from scan.sniff import sniff
from tests.corpus import Sample
from tests.fakes.objects import FakeObject, FakeObjectStore
from transcode.assembly import Assembly
from transcode.encode import FfmpegEncoder, Original
from transcode.ffmpeg import Ffmpeg
from transcode.folder import MediaFolder
from transcode.plan import plan

MEDIA = "media"
LISTENER = shutil.which("ffmpeg") or "/usr/bin/ffmpeg"
PROBE = shutil.which("ffprobe") or "/usr/bin/ffprobe"


def production_ffmpeg() -> str:
    return str(imageio_ffmpeg.get_ffmpeg_exe())


@dataclass(frozen=True)
class Rung:
    """One rendition as a player sees it."""

    name: str
    extinf: tuple[float, ...]
    target: int
    segments: tuple[bytes, ...]
    init: bytes

    @property
    def file(self) -> bytes:
        return self.init + b"".join(self.segments)

    @property
    def boundaries(self) -> list[float]:
        return [sum(self.extinf[: n + 1]) for n in range(len(self.extinf))]


@dataclass(frozen=True)
class Made:
    """What came out: every object of the track's folder, by file name."""

    result: MediaResult
    files: dict[str, FakeObject]

    @property
    def seconds(self) -> float:
        return self.result.samples / self.result.sample_rate

    def text(self, file: str) -> str:
        return gzip.decompress(self.files[file].body).decode()

    @property
    def rungs(self) -> list[Rung]:
        """Of the master playlist, in its order."""
        return [self._rung(line) for line in self.text("master.m3u8").splitlines() if not line.startswith("#")]

    def rung(self, name: str) -> Rung:
        return self._rung(f"{name}/media.m3u8")

    def _rung(self, playlist: str) -> Rung:
        name = playlist.partition("/")[0]
        lines = self.text(playlist).splitlines()
        return Rung(
            name=name,
            extinf=tuple(float(line[8:-1]) for line in lines if line.startswith("#EXTINF:")),
            target=next(int(line.partition(":")[2]) for line in lines if line.startswith("#EXT-X-TARGETDURATION:")),
            segments=tuple(self.files[f"{name}/{line}"].body for line in lines if not line.startswith("#")),
            init=self.files[f"{name}/init.mp4"].body,
        )


def encoded(data: bytes, source: SourceFacts, title: str = "Aurore") -> Made:
    """Raises what the encoder raises."""
    store = FakeObjectStore()
    original = Original(object=store.add("originals", "track/sha", data), source=source, title=title)
    folder = MediaFolder(store, MEDIA, TrackId("track"), "content")
    assembly, encoder = Assembly(source, plan(source), folder), FfmpegEncoder(Ffmpeg(production_ffmpeg()), store)
    results = {p.number: encoder.encode(original, p, folder, lambda _share: None, None) for p in assembly.parts}
    result = assembly.publish(results)
    keys = store.list_keys(MEDIA, "")
    return Made(result, {key.removeprefix(folder.prefix): store.newest(MEDIA, key) for key in keys})


def facts_of(sample: Sample) -> SourceFacts:
    """What the scan knows about it."""
    return sniff(sample.read(), sample.filename)


_made: dict[str, Made] = {}


def made_of(sample: Sample) -> Made:
    """Encoded when first asked for, and kept for the other tests."""
    if sample.name not in _made:
        _made[sample.name] = encoded(sample.read(), facts_of(sample))
    return _made[sample.name]


def heard(file: bytes, folder: Path, *, suffix: str = "mp4") -> bytes:
    """The PCM another ffmpeg hears, 24 bit in three bytes a sample; it must not complain."""
    return all_heard({"file": file}, folder, suffix=suffix)["file"]


def all_heard(files: dict[str, bytes], folder: Path, *, suffix: str = "mp4") -> dict[str, bytes]:
    """The same for several files in one run, by name."""
    opened, written = [], []
    for number, (name, file) in enumerate(files.items()):
        (folder / f"{name}.{suffix}").write_bytes(file)
        opened += ["-i", str(folder / f"{name}.{suffix}")]
        written += ["-map", f"{number}:a:0", "-c:a", "pcm_s24le", "-f", "data", str(folder / f"{name}.pcm")]
    arguments = [LISTENER, "-v", "error", "-nostdin", "-y", *opened, *written]
    run = subprocess.run(arguments, capture_output=True, check=True, timeout=60)
    assert run.stderr == b""
    return {name: (folder / f"{name}.pcm").read_bytes() for name in files}
