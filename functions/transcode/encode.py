"""One run of ffmpeg: decodes the original, or a stretch of it, once and makes everything of one part from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Final
from urllib.parse import quote

from core.domain.errors import MediaRejected
from core.domain.ids import Bytes, Samples
from core.domain.limits import TITLE_MAX
from core.domain.media import Rendition, SourceFacts, Tags
from core.domain.parts import Measured, PartResult
from core.domain.playback import DOWNLOAD, WAVEFORM_DETAIL, WAVEFORM_OVERVIEW
from core.domain.reasons import ReasonCode
from core.domain.tracks import StoredObject
from core.ports.storage import ObjectStore
from transcode import commands, cover, verdict
from transcode.commands import Cut
from transcode.ffmpeg import Ffmpeg, Output, collect
from transcode.folder import MediaFolder
from transcode.listing import EventListing
from transcode.loudness import LoudnessMeter
from transcode.origin import Origin
from transcode.plan import Part, stretch
from transcode.rendition import RenditionWriter
from transcode.tags import clean, read_tags
from transcode.waveform import SampleCounter, Waveform, WaveformBuilder

FINGERPRINT_MAX: Final = 64 * 1024
DOWNLOAD_BLOCK: Final = 1024 * 1024
Progress = Callable[[float], None]
"""Told the share of the part that is done, 0 to 1, about once per second of audio."""
Playable = Callable[[tuple[Rendition, ...], int], None]
"""Told once, while the encode goes on, what can be heard from the beginning, and its encoder delay in samples."""


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

    def encode(
        self, original: Original, part: Part, folder: MediaFolder, progress: Progress, on_playable: Playable | None
    ) -> PartResult:
        """Makes and stores everything of one part but playlists, which make the rest reachable: see `assembly`.

        With `on_playable` the early rungs are listed while they are made. Raises MediaRejected for the file's faults,
        ObjectGone if the original is, Unavailable for ours, and what `on_playable` raises.
        """
        where = original.object
        size = self.store.head(where.bucket, where.key, where.version_id).size_bytes
        with Origin(self.store, where, size) as origin:
            encoding = _Encoding(self.engine, original, part, origin=origin, folder=folder, progress=progress)
            if on_playable is not None:
                encoding.list_early(EventListing(folder, on_playable))
            return encoding.run()


class _Encoding:
    """One part of an original on its way through ffmpeg."""

    def __init__(
        self,
        engine: Ffmpeg,
        original: Original,
        part: Part,
        *,
        origin: Origin,
        folder: MediaFolder,
        progress: Progress,
    ) -> None:
        self._engine = engine
        self._source = original.source
        self._part = part
        self._title = clean(original.title, TITLE_MAX)
        self._origin = origin
        self._folder = folder
        self._progress = progress
        self._tags = Tags()
        self._renditions = [RenditionWriter(rung, part, folder) for rung in part.rungs]
        self._waveform = WaveformBuilder(self._source.sample_rate, self._report)
        self._samples = self._waveform if part.measures else SampleCounter(self._source.sample_rate, self._report)
        self._loudness = LoudnessMeter()
        self._fingerprint = bytearray()
        self._download_bytes = Bytes(0)
        wanted = stretch(part, self._source.sample_rate)
        self._cut = Cut(wanted.start, wanted.end)
        self._listing: EventListing | None = None

    def list_early(self, listing: EventListing) -> None:
        self._listing = listing
        for writer in self._renditions:
            listing.watch(writer)

    def run(self) -> PartResult:
        if self._part.measures:
            self._tags = read_tags(self._engine, self._source, self._origin.url)
            self._origin.raise_failure()
        self._encode()
        end = self._cut.start + self._samples.samples if self._cut.end is None else None
        rungs = tuple(writer.finish(end, self._source.sample_rate) for writer in self._renditions)
        if self._listing is not None:
            self._listing.close()
        return PartResult(rungs=rungs, measured=self._measured() if self._part.measures else None)

    def _measured(self) -> Measured:
        for file, waveform in _waveforms(self._waveform):
            self._folder.put(file, waveform.json_gzip())
            self._folder.put(file.replace(".json", ".dat"), waveform.binary())
        return Measured(
            samples=Samples(self._samples.samples),
            loudness=self._loudness.loudness(),
            tags=self._tags,
            fingerprint=self._fingerprint.decode("ascii").strip() or None,
            has_cover=self._store_cover(),
            download_bytes=self._download_bytes,
        )

    def _encode(self) -> None:
        """Damage is judged by who hears the track from its beginning: elsewhere the first packet may well lack what a
        decoder leans on."""
        source, part = self._source, self._part
        strict = part.first_chunk == 0
        outputs = [Output(commands.rendition(r.rung, source, self._cut), r.read) for r in self._renditions]
        outputs += self._measuring() if part.measures else []
        outputs.append(Output(commands.samples(source, self._cut), self._samples.read))
        opened = commands.opened(source, self._origin.url, strict=strict, cut=self._cut)
        errors = verdict.damage(self._run(opened, outputs))
        if strict:
            decoded = self._samples.samples if part.whole else None
            verdict.judge(source, decoded=decoded, errors=errors, reaches_end=self._reaches_end)
        if part.measures and self._waveform.flat and self._loudness.peak == 0:
            raise MediaRejected(ReasonCode.SILENT, "digital silence from end to end")

    def _measuring(self) -> list[Output]:
        source = self._source
        return [
            Output(commands.download(source, title=self._title, tags=self._tags), self._store_download),
            Output(commands.loudness(source), self._loudness.read),
            Output(commands.fingerprint(source), collect(FINGERPRINT_MAX, self._fingerprint)),
        ]

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
        announced, cut = self._source.samples, self._cut
        if announced is None:
            self._progress(self._origin.read_share)
            return
        expected = min(announced, announced if cut.end is None else cut.end) - cut.start
        self._progress(min(1.0, samples / max(expected, 1)))

    def _store_download(self, pipe: BinaryIO) -> None:
        name = " - ".join(word for word in (self._tags.artist, self._title) if word) or "track"
        blocks: Iterator[bytes] = iter(partial(pipe.read, DOWNLOAD_BLOCK), b"")
        self._download_bytes = self._folder.put_stream(DOWNLOAD, blocks, disposition=attachment(f"{name}.mp3"))

    def _store_cover(self) -> bool:
        drawn = cover.draw_cover(self._engine, self._source, self._origin.url)
        self._origin.raise_failure()
        for size, jpeg in drawn.pictures.items() if drawn else ():
            self._folder.put(cover.file_name(size), jpeg)
        return drawn is not None


def attachment(name: str) -> str:
    """A Content-Disposition with a file name safe on every system (RFC 6266, RFC 8187)."""
    safe = "".join("_" if c in '/\\:*?"<>|%;' else c for c in name).strip(". ") or "track.mp3"
    plain = safe.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"


def _waveforms(samples: WaveformBuilder) -> Iterator[tuple[str, Waveform]]:
    yield WAVEFORM_OVERVIEW, samples.overview()
    yield WAVEFORM_DETAIL, samples.detail()
