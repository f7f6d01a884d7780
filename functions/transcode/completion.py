"""What follows when something of a track is made: it becomes playable, grows, and in the end is ready."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from core.domain.claims import Claim
from core.domain.ids import EpochSeconds
from core.domain.media import MediaResult
from core.domain.parts import PartResult, PartsKey
from core.domain.tracks import Progress, Track, TrackState
from core.messages.tracks import TrackPlayable, TranscodingCompleted
from core.messages.work import PartRequest
from core.ports.messaging import Queue
from core.ports.storage import ObjectStore
from transcode.assembly import Assembly, Results
from transcode.folder import MediaFolder
from transcode.ladder import content_id
from transcode.plan import HEAD, UNCUT, Part, plan
from transcode.work import LEASE_S, Outcome, TrackWork

DEADLINE_SLACK_S: Final = 60


class Parts(Protocol):
    """What is used of the PartRepository."""

    def claim(self, key: PartsKey, number: int, *, now: EpochSeconds, lease_s: int) -> Claim: ...

    def release(self, key: PartsKey, number: int, *, now: EpochSeconds) -> None: ...

    def finish(self, key: PartsKey, number: int, result: PartResult, *, now: EpochSeconds) -> None: ...

    def done(self, key: PartsKey) -> Mapping[int, PartResult]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A track in work: its plan and where its media lie."""

    work: TrackWork
    track: Track
    assembly: Assembly

    @property
    def parts(self) -> Sequence[Part]:
        return self.assembly.parts

    @property
    def folder(self) -> MediaFolder:
        return self.assembly.folder

    @property
    def key(self) -> PartsKey:
        return PartsKey(track_id=self.track.id, attempt=self.track.attempt, content_id=self.folder.content_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    store: ObjectStore
    parts: Parts
    parts_queue: Queue
    media_bucket: str

    def job(self, work: TrackWork, track: Track) -> Job:
        assert track.sha256 is not None, "the scan hashes what it promotes"
        assert track.source is not None, "the scan knows what it has promoted"
        folder = MediaFolder(self.store, self.media_bucket, track.id, content_id(track.sha256))
        return Job(work=work, track=track, assembly=Assembly(track.source, plan(track.source), folder))

    def playable(self, job: Job, media: MediaResult) -> bool:
        """The beginning can be heard from now on; False if nobody waits for it any more."""
        track, work = job.track, job.work
        event = TrackPlayable(track_id=track.id, owner_id=track.owner_id, attempt=track.attempt)
        return work.save(lambda t, _now: _playable(t, media), event) is not None

    def spread(self, job: Job) -> None:
        """Asks for every part that is not done yet, the one that takes longest first.

        Asking twice is harmless: who comes second finds the part held or done.
        """
        done, track = self.parts.done(job.key), job.track
        for part in sorted(job.parts, key=lambda part: not part.measures):
            if part.number != HEAD and part.number not in done:
                request = PartRequest(
                    track_id=track.id, owner_id=track.owner_id, attempt=track.attempt, number=part.number
                )
                self.parts_queue.send(request.model_dump_json())

    def advance(self, job: Job) -> Outcome:
        """A part is done: the last one makes the track ready, any other makes it longer."""
        results = self.parts.done(job.key)
        if len(results) == len(job.parts):
            return self.finish(job, results)
        if HEAD in results:
            job.assembly.extend_listing(lambda: self.parts.done(job.key))
        progress = Progress(stage=TrackState.TRANSCODING, percent=100 * len(results) // len(job.parts))
        saved = job.work.save(lambda t, now: _waiting(t, now, t.progress if len(job.parts) == UNCUT else progress))
        return job.work.left_alone(job.folder) if saved is None else Outcome.PART_DONE

    def finish(self, job: Job, results: Results) -> Outcome:
        """Everything is made. What is deleted meanwhile gets no playlist any more."""
        if job.work.current() is None:
            return job.work.left_alone(job.folder)
        media, track = job.assembly.publish(results), job.track
        event = TranscodingCompleted(track_id=track.id, owner_id=track.owner_id, attempt=track.attempt)
        ready = job.work.save(lambda t, now: _ready(t, now, media), event)
        return job.work.left_alone(job.folder) if ready is None else Outcome.READY


def _playable(track: Track, media: MediaResult) -> Track | None:
    """Still in the hands of whoever encodes it."""
    if track.state is not TrackState.TRANSCODING:
        return None
    return replace(track, state=TrackState.PLAYABLE, media=media)


def _waiting(track: Track, now: EpochSeconds, progress: Progress | None) -> Track:
    """Looked at by the sweep if no other part is finished for as long as any worker lives."""
    deadline = EpochSeconds(now + LEASE_S + DEADLINE_SLACK_S)
    return replace(track, deadline=deadline, redrives=0, progress=progress)


def _ready(track: Track, now: EpochSeconds, media: MediaResult) -> Track | None:
    if track.state is not TrackState.PLAYABLE:
        return None
    return replace(track.ended(TrackState.READY, None, now), media=media)
