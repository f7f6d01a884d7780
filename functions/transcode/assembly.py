"""Parts become a track: their segments are listed one after the other, and nothing is copied."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from core.domain.errors import EncoderFailed
from core.domain.ids import Bytes, DurationMs, Samples
from core.domain.media import MediaResult, Rendition, SourceFacts, Tags
from core.domain.parts import Measured, PartResult, RungPart
from core.domain.playback import MASTER
from transcode import hls, ladder, listing
from transcode.folder import MediaFolder, gzipped
from transcode.ladder import Rung
from transcode.plan import HEAD, Part

PADDING_MAX_FRAMES: Final = 4
"""An AAC coder fills its last frame, and may add one or two."""
Results = Mapping[int, PartResult]
"""By the number of the part."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """The parts of one track and where they are put together."""

    source: SourceFacts
    parts: Sequence[Part]
    folder: MediaFolder

    def publish(self, results: Results) -> MediaResult:
        """Lists everything, the master playlist last of all: what is not complete can't be found.

        EncoderFailed if the parts don't make up the track that was measured.
        """
        measured = next(result.measured for result in results.values() if result.measured is not None)
        renditions = hls.ascending(
            self._list_rendition(rung, self._pieces(rung.name, results), measured) for rung in ladder.rungs(self.source)
        )
        early = [piece for piece in results[HEAD].rungs if piece.name in ladder.EARLY_RUNGS]
        listing.put_event_master(self.folder, early)
        self.folder.put(MASTER, gzipped(hls.master_playlist(renditions)))
        return MediaResult(
            content_id=self.folder.content_id,
            samples=measured.samples,
            sample_rate=self.source.sample_rate,
            channels=self.source.channels,
            duration_ms=DurationMs(round(measured.samples * 1000 / self.source.sample_rate)),
            encoder_delay=Samples(max(piece.priming for piece in results[HEAD].rungs)),
            lossless=self.source.lossless,
            loudness=measured.loudness,
            renditions=renditions,
            tags=measured.tags,
            fingerprint=measured.fingerprint,
            has_cover=measured.has_cover,
            download_bytes=measured.download_bytes,
        )

    def extend_listing(self, newest: Callable[[], Results]) -> None:
        """Lists the early rungs as far as finished parts follow each other from the head on."""
        for name in sorted(ladder.EARLY_RUNGS):
            listing.extend(self.folder, name, partial(self._so_far, name, newest))

    def _so_far(self, rung: str, newest: Callable[[], Results]) -> tuple[list[RungPart], None]:
        return self._pieces(rung, newest()), None

    def early(self, renditions: tuple[Rendition, ...], encoder_delay: int) -> MediaResult:
        """What is known of a track that can be heard while it is still being made."""
        return MediaResult(
            content_id=self.folder.content_id,
            samples=Samples(self.source.samples or 0),
            sample_rate=self.source.sample_rate,
            channels=self.source.channels,
            duration_ms=self.source.duration_ms or DurationMs(0),
            encoder_delay=Samples(encoder_delay),
            lossless=self.source.lossless,
            loudness=None,
            renditions=renditions,
            tags=Tags(),
            fingerprint=None,
            has_cover=False,
            download_bytes=Bytes(0),
        )

    def _pieces(self, rung: str, results: Results) -> list[RungPart]:
        """What finished parts made of a rung, from the head to the first part that is missing."""
        pieces: list[RungPart] = []
        for part in self.parts:
            if all(each.name != rung for each in part.rungs):
                continue
            if part.number not in results:
                break
            pieces += [piece for piece in results[part.number].rungs if piece.name == rung]
        return pieces

    def _list_rendition(self, rung: Rung, pieces: list[RungPart], measured: Measured) -> Rendition:
        total = measured.samples * pieces[0].timescale / self.source.sample_rate
        heard = sum(duration for piece in pieces for _, duration in piece.segments) - pieces[0].priming
        if not 0 <= heard - total + 1 < PADDING_MAX_FRAMES * rung.frame_samples:
            raise EncoderFailed(f"{rung.name} is {heard} samples long, and the track {total:.0f}")
        if rung.name in ladder.EARLY_RUNGS:
            listing.extend(self.folder, rung.name, lambda: (pieces, total))
        facts = listing.segment_facts(pieces, total)
        self.folder.put(f"{rung.name}/{hls.MEDIA}", gzipped(hls.media_playlist(facts)))
        peak, average = hls.bandwidths(facts)
        return Rendition(
            name=rung.name,
            codec=pieces[0].codec,
            bandwidth=peak,
            average_bandwidth=average,
            sample_rate=rung.sample_rate,
            channels=rung.channels,
        )
