"""The playlists of a track that is still being made: they only grow, and end when the track is whole."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.domain.errors import Conflict, ObjectGone, StoreUnavailable
from core.domain.media import Rendition
from core.domain.parts import RungPart
from core.domain.playback import EVENT
from transcode import hls
from transcode.folder import MediaFolder, gzipped
from transcode.ladder import AAC_BITRATES, EARLY_RUNGS, EARLY_SEGMENTS
from transcode.rendition import RenditionWriter

GROWTH: Final = 1.5
"""A list is written anew when it has grown by half: at any encoding speed over 1.5 times real time no player that
looks every six seconds reaches its end, and six hours are listed some twenty times."""
RESERVE: Final = 1.1
"""What a constant bit rate may swing, and the container adds; declared as long as nothing better is known."""
TRIES: Final = 10


def segment_facts(pieces: Sequence[RungPart], total: float | None = None) -> list[hls.SegmentFacts]:
    """The segments of one rendition in order. `total` is the heard length in units of its timescale; None while the
    end is not there yet."""
    first, segments = pieces[0], [segment for piece in pieces for segment in piece.segments]
    starts = [0]
    for _, duration in segments:
        starts.append(starts[-1] + duration)
    spans = [(start, duration) for start, (_, duration) in zip(starts, segments, strict=False)]
    heard = hls.presented(spans, priming=first.priming, total=starts[-1] - first.priming if total is None else total)
    return [
        hls.SegmentFacts(number, size, duration / first.timescale)
        for number, ((size, _), duration) in enumerate(zip(segments, heard, strict=True), 1)
    ]


@dataclass(slots=True)
class EventListing:
    """Lists what the head of a track has made so far. `on_playable` is told once, from one of the sinks' threads."""

    folder: MediaFolder
    on_playable: Callable[[tuple[Rendition, ...], int], None]
    """Takes the renditions that can be heard and their encoder delay in samples."""
    _writers: dict[str, RenditionWriter] = field(default_factory=dict)
    _listed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def watch(self, writer: RenditionWriter) -> None:
        """Makes the rung part of the listing if it is an early one."""
        if writer.rung.name in EARLY_RUNGS:
            self._writers[writer.rung.name] = writer
            writer.on_segment = self._grow

    def close(self) -> None:
        """Lists what there is of a track that is over before it could be heard early."""
        if self._listed == 0:
            self._grow(at_least=1)

    def _grow(self, at_least: int = EARLY_SEGMENTS) -> None:
        with self._lock:
            count = min(writer.count for writer in self._writers.values())
            if count < max(at_least, self._listed * GROWTH):
                return
            pieces = [writer.made(count) for writer in self._writers.values()]
            for piece in pieces:
                put_event_playlist(self.folder, [piece])
            first, self._listed = self._listed == 0, count
            if first:
                renditions = put_event_master(self.folder, pieces)
                self.on_playable(renditions, max(piece.priming for piece in pieces))


def put_event_master(folder: MediaFolder, pieces: Sequence[RungPart]) -> tuple[Rendition, ...]:
    """Never changes afterwards: its bandwidths are declared from the first segments, as they can't be measured yet."""
    renditions = tuple(_declared(piece) for piece in sorted(pieces, key=lambda piece: AAC_BITRATES[piece.name]))
    folder.put(EVENT, gzipped(hls.master_playlist(renditions, EVENT)))
    return renditions


def put_event_playlist(
    folder: MediaFolder, pieces: Sequence[RungPart], *, total: float | None = None, if_match: str = ""
) -> None:
    """Conflict(`object_changed`) if `if_match` is not the ETag of the list that is replaced."""
    text = hls.event_playlist(segment_facts(pieces, total), ended=total is not None)
    folder.put_growing(f"{pieces[0].name}/{EVENT}", gzipped(text), if_match=if_match)


def extend(folder: MediaFolder, rung: str, newest: Callable[[], tuple[Sequence[RungPart], float | None]]) -> None:
    """Replaces the list of a rung by one made of `newest` (its pieces, and the total once it is whole).

    Workers that finish parts at the same time all come here. What was read after the list's ETag is never older than
    what that list was made of, so a list that somebody replaced meanwhile is made once more, and none ever shrinks.
    """
    for _ in range(TRIES):
        etag = _etag(folder, rung)
        pieces, total = newest()
        try:
            put_event_playlist(folder, pieces, total=total, if_match=etag)
        except Conflict:
            continue
        return
    raise StoreUnavailable(f"the list changed under {TRIES} writes")


def _etag(folder: MediaFolder, rung: str) -> str:
    """Empty where nothing was listed yet: the track was over before it could be heard early."""
    try:
        return folder.etag(f"{rung}/{EVENT}")
    except ObjectGone:
        return ""


def _declared(piece: RungPart) -> Rendition:
    peak, average = hls.bandwidths(segment_facts([piece])[:EARLY_SEGMENTS])
    nominal = AAC_BITRATES
    return Rendition(
        name=piece.name,
        codec=piece.codec,
        bandwidth=max(peak, round(nominal[piece.name] * RESERVE)),
        average_bandwidth=max(average, nominal[piece.name]),
        sample_rate=piece.timescale,
        channels=2,
    )
