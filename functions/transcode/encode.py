"""The one run that decodes the original once and makes everything from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Final
from urllib.parse import quote

from core.domain.errors import MediaRejected
from core.domain.ids import Bytes, DurationMs, Samples
from core.domain.limits import TITLE_MAX
from core.domain.media import MediaResult, SourceFacts, Tags
from core.domain.playback import DOWNLOAD, MASTER, WAVEFORM_DETAIL, WAVEFORM_OVERVIEW
from core.domain.reasons import ReasonCode
from core.domain.tracks import StoredObject
from core.ports import ObjectStore
from transcode import commands, cover, hls, ladder, verdict
from transcode.ffmpeg import Ffmpeg, Output, collect
from transcode.folder import MediaFolder, gzipped
from transcode.loudness import LoudnessMeter
from transcode.origin import Origin
from transcode.rendition import RenditionWriter
from transcode.tags import clean, read_tags
from transcode.waveform import Waveform, WaveformBuilder

FINGERPRINT_MAX: Final = 64 * 1024
DOWNLOAD_BLOCK: Final = 1024 * 1024
Progress = Callable[[float], None]
"""Told the share of the track that is done, 0 to 1, about once per second of audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """What is to be encoded, what the scan found out about it, and the title of the download."""

    object: StoredObject
    source: SourceFacts
    title: str


@dataclass(frozen=True, slots=True)
class FfmpegEncoder:
    """Encodes originals of `store`, several at once if need be."""

    engine: Ffmpeg
    store: ObjectStore

    def encode(self, original: Original, folder: MediaFolder, progress: Progress) -> MediaResult:
        """Makes and stores everything but the master playlist, which makes the rest reachable: see `publish`.

        Raises MediaRejected for the file's faults, ObjectGone if the original is, Unavailable for ours.
        """
        where = original.object
        size = self.store.head(where.bucket, where.key, where.version_id).size_bytes
        with Origin(self.store, where, size) as origin:
            return _Encoding(self.engine, original, origin, folder, progress).run()


class _Encoding:
    """One original on its way through ffmpeg."""

    def __init__(
        self, engine: Ffmpeg, original: Original, origin: Origin, folder: MediaFolder, progress: Progress
    ) -> None:
        self._engine = engine
        self._source = original.source
        self._title = clean(original.title, TITLE_MAX)
        self._origin = origin
        self._folder = folder
        self._progress = progress
        self._tags = Tags()
        self._renditions = [RenditionWriter(rung, folder) for rung in ladder.rungs(self._source)]
        self._samples = WaveformBuilder(self._source.sample_rate, self._report)
        self._loudness = LoudnessMeter()
        self._fingerprint = bytearray()
        self._download_bytes = Bytes(0)

    def run(self) -> MediaResult:
        self._tags = read_tags(self._engine, self._source, self._origin.url)
        self._origin.raise_failure()
        self._encode()
        renditions = hls.ascending(r.finish(self._samples.samples, self._source.sample_rate) for r in self._renditions)
        self._store_waveforms()
        return MediaResult(
            content_id=self._folder.content_id,
            samples=Samples(self._samples.samples),
            sample_rate=self._source.sample_rate,
            channels=self._source.channels,
            duration_ms=DurationMs(round(self._samples.samples * 1000 / self._source.sample_rate)),
            encoder_delay=Samples(max(r.priming for r in self._renditions)),
            lossless=self._source.lossless,
            loudness=self._loudness.loudness(),
            renditions=renditions,
            tags=self._tags,
            fingerprint=self._fingerprint.decode("ascii").strip() or None,
            has_cover=self._store_cover(),
            download_bytes=self._download_bytes,
        )

    def _encode(self) -> None:
        source = self._source
        outputs = [
            *(Output(commands.rendition(r.rung, source), r.read) for r in self._renditions),
            Output(commands.download(source, title=self._title, tags=self._tags), self._store_download),
            Output(commands.loudness(source), self._loudness.read),
            Output(commands.fingerprint(source), collect(FINGERPRINT_MAX, self._fingerprint)),
            Output(commands.samples(source), self._samples.read),
        ]
        errors = verdict.damage(self._run(commands.opened(source, self._origin.url), outputs))
        verdict.judge(source, decoded=self._samples.samples, errors=errors, reaches_end=self._reaches_end)
        if self._samples.flat and self._loudness.peak == 0:
            raise MediaRejected(ReasonCode.SILENT, "digital silence from end to end")

    def _run(self, opened: list[str], outputs: list[Output]) -> list[str]:
        """A run that blames the storage for what is the storage's fault: ffmpeg can't tell."""
        try:
            return self._engine.run(opened, outputs)
        finally:
            self._origin.raise_failure()

    def _reaches_end(self) -> bool:
        last = verdict.LastPacket()
        opened = commands.opened(self._source, self._origin.url, strict=False)
        self._run(opened, [Output(commands.packets(), last.read)])
        return last.reaches(self._source)

    def _report(self, samples: int) -> None:
        expected = self._source.samples
        self._progress(min(1.0, samples / expected) if expected else self._origin.read_share)

    def _store_download(self, pipe: BinaryIO) -> None:
        name = " - ".join(word for word in (self._tags.artist, self._title) if word) or "track"
        blocks: Iterator[bytes] = iter(partial(pipe.read, DOWNLOAD_BLOCK), b"")
        self._download_bytes = self._folder.put_stream(DOWNLOAD, blocks, disposition=attachment(f"{name}.mp3"))

    def _store_waveforms(self) -> None:
        for file, waveform in _waveforms(self._samples):
            self._folder.put(file, waveform.json_gzip())
            self._folder.put(file.replace(".json", ".dat"), waveform.binary())

    def _store_cover(self) -> bool:
        drawn = cover.draw_cover(self._engine, self._source, self._origin.url)
        self._origin.raise_failure()
        for size, jpeg in drawn.pictures.items() if drawn else ():
            self._folder.put(cover.file_name(size), jpeg)
        return drawn is not None


def publish(result: MediaResult, folder: MediaFolder) -> None:
    """Writes the master playlist, the last object of all: what is not complete can't be found."""
    folder.put(MASTER, gzipped(hls.master_playlist(result.renditions)))


def attachment(name: str) -> str:
    """A Content-Disposition with a file name safe on every system (RFC 6266, RFC 8187)."""
    safe = "".join("_" if c in '/\\:*?"<>|%;' else c for c in name).strip(". ") or "track.mp3"
    plain = safe.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"


def _waveforms(samples: WaveformBuilder) -> Iterator[tuple[str, Waveform]]:
    yield WAVEFORM_OVERVIEW, samples.overview()
    yield WAVEFORM_DETAIL, samples.detail()
