"""The use case: a scanned track becomes playable while it is encoded, then ready; or is refused; or waits.

Every step may be the last one this process makes. Keys and bytes depend only on the original and the ladder, so a
second run writes the same; the master playlist is written last, and the row moves after it. Only the head of the track
is encoded here, and its other parts by workers of their own (parts.py).
"""

from dataclasses import dataclass, replace
from typing import Protocol

from core.domain.ids import EpochSeconds
from core.domain.media import Rendition
from core.domain.parts import PartResult
from core.domain.tracks import Progress, Track, TrackState
from core.messages.tracks import TrackScanned
from core.ports.clock import Clock
from transcode.completion import Completion, Job
from transcode.encode import Original, Playable
from transcode.encode import Progress as ToldProgress
from transcode.folder import MediaFolder
from transcode.plan import HEAD, Part
from transcode.work import LEASE_S, MovedOn, Outcome, Tracks, TrackWork


class Encoder(Protocol):
    """Turns a part of an original into everything but playlists; see encode.FfmpegEncoder."""

    def encode(
        self, original: Original, part: Part, folder: MediaFolder, progress: ToldProgress, on_playable: Playable | None
    ) -> PartResult:
        """Raises MediaRejected for the file's faults, ObjectGone, Unavailable for ours."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcoder:
    """The use case with what it needs."""

    tracks: Tracks
    encoder: Encoder
    completion: Completion
    clock: Clock

    def transcode_track(self, message: TrackScanned, *, last_try: bool) -> Outcome:
        """Takes the track as far as it gets. Raises Unavailable where another try may help, if there is one left."""
        work = TrackWork(message=message, tracks=self.tracks, clock=self.clock)
        track = work.save(_claimed)
        if track is None:
            return Outcome.VOID if work.current() is None else Outcome.HELD
        job = self.completion.job(work, track)
        return work.settled(
            lambda: self._make(job),
            folder=job.folder,
            give_back=lambda: self._give_back(work),
            last_try=last_try,
        )

    def _make(self, job: Job) -> Outcome:
        """Parts are asked for as soon as the track can be heard: until then the head has the machine for itself."""
        completion = self.completion
        if job.track.state is TrackState.PLAYABLE:
            completion.spread(job)
        if HEAD not in completion.parts.done(job.key):
            completion.parts.finish(job.key, HEAD, self._encode_head(job), now=self.clock.now())
        job.work.save(_released)
        return completion.advance(job)

    def _encode_head(self, job: Job) -> PartResult:
        """A track that is playable already has a listing: a second run must not begin it anew."""

        def on_playable(renditions: tuple[Rendition, ...], encoder_delay: int) -> None:
            if not self.completion.playable(job, job.assembly.early(renditions, encoder_delay)):
                raise MovedOn
            self.completion.spread(job)

        first_time = job.track.state is TrackState.TRANSCODING
        return self.encoder.encode(
            original_of(job.track), job.parts[HEAD], job.folder, unheard, on_playable if first_time else None
        )

    def _give_back(self, work: TrackWork) -> None:
        work.save(_released)


def unheard(_share: float) -> None:
    """Nobody is told how far a part is that says little about the track."""


def original_of(track: Track) -> Original:
    assert track.original is not None, "the scan promotes the original before it sends the message"
    assert track.source is not None, "the scan knows what it has promoted"
    return Original(object=track.original, source=track.source, title=track.title)


def _claimed(track: Track, now: EpochSeconds) -> Track | None:
    held = track.claimed(track.state, now, LEASE_S)
    progress = Progress(stage=TrackState.TRANSCODING, percent=0)
    return None if held is None else replace(held, progress=progress)


def _released(track: Track, _now: EpochSeconds) -> Track:
    """Free for the next try, which comes before the lease ends."""
    return replace(track, lease_until=None)
