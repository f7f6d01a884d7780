"""The use case: one part of a track is encoded; who finishes the last one makes the track ready."""

from dataclasses import dataclass

from core.domain.claims import Claim
from core.domain.parts import PartResult
from core.messages.work import PartRequest
from core.ports.clock import Clock
from transcode.completion import Completion, Job
from transcode.plan import UNCUT
from transcode.progress import ProgressReporter
from transcode.service import Encoder, original_of, unheard
from transcode.work import LEASE_S, MovedOn, Outcome, Tracks, TrackWork


@dataclass(frozen=True, slots=True, kw_only=True)
class PartEncoder:
    """The use case with what it needs."""

    tracks: Tracks
    encoder: Encoder
    completion: Completion
    clock: Clock

    def encode_part(self, message: PartRequest, *, last_try: bool) -> Outcome:
        """Raises Unavailable where another try may help, if there is one left."""
        work = TrackWork(message=message, tracks=self.tracks, clock=self.clock)
        track = work.current()
        job = None if track is None else self.completion.job(work, track)
        if job is None or message.number >= len(job.parts):
            return Outcome.VOID
        parts, key, number = self.completion.parts, job.key, message.number
        claim = parts.claim(key, number, now=self.clock.now(), lease_s=LEASE_S)
        if claim is Claim.BUSY:
            return Outcome.HELD
        return work.settled(
            lambda: self._make(job, number, done=claim is Claim.DONE),
            folder=job.folder,
            give_back=lambda: parts.release(key, number, now=self.clock.now()),
            last_try=last_try,
        )

    def _make(self, job: Job, number: int, *, done: bool) -> Outcome:
        """A part that was done before: its worker may have died before it told anybody."""
        if not done:
            result = self._encode(job, number)
            if job.work.current() is None:
                raise MovedOn
            self.completion.parts.finish(job.key, number, result, now=self.clock.now())
        return self.completion.advance(job)

    def _encode(self, job: Job, number: int) -> PartResult:
        part = job.parts[number]
        # Only what one part does of nearly all the work says how far the track is.
        reports = part.measures and len(job.parts) == UNCUT
        progress = ProgressReporter(self.tracks, job.track, self.clock) if reports else unheard
        return self.encoder.encode(original_of(job.track), part, job.folder, progress, None)
