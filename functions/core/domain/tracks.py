"""A track and its state machine: pure, monotonic within an attempt, every move is a new frozen Track.

draft → uploaded → scanning → transcoding → playable → ready
any of the first five → rejected (the file is at fault) or failed (ours; `retry` starts a new attempt)
ready → rejected, when newer virus definitions find what older ones did not
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from core.domain.errors import Conflict, InvalidInput
from core.domain.ids import AccountId, Bytes, EpochSeconds, TrackId, UploadId
from core.domain.limits import DELETED_KEEP_S, ERASED_TRACK_S, STAGE_DEADLINE_S, TITLE_MAX
from core.domain.media import MediaResult, SourceFacts
from core.domain.reasons import ReasonCode


class TrackState(StrEnum):
    DRAFT = "draft"
    UPLOADED = "uploaded"
    SCANNING = "scanning"
    TRANSCODING = "transcoding"
    PLAYABLE = "playable"
    READY = "ready"
    REJECTED = "rejected"
    FAILED = "failed"


S = TrackState
TRANSITIONS: Final[Mapping[TrackState, frozenset[TrackState]]] = {
    S.DRAFT: frozenset({S.UPLOADED, S.SCANNING, S.REJECTED, S.FAILED}),
    S.UPLOADED: frozenset({S.SCANNING, S.REJECTED, S.FAILED}),
    S.SCANNING: frozenset({S.SCANNING, S.TRANSCODING, S.REJECTED, S.FAILED}),
    S.TRANSCODING: frozenset({S.TRANSCODING, S.PLAYABLE, S.REJECTED, S.FAILED}),
    S.PLAYABLE: frozenset({S.PLAYABLE, S.READY, S.REJECTED, S.FAILED}),
    S.READY: frozenset({S.REJECTED}),
    S.REJECTED: frozenset(),
    S.FAILED: frozenset({S.UPLOADED, S.TRANSCODING}),
}
"""The one table of allowed moves. FAILED leads on only through `retry`, which opens a new attempt; READY only when
newer virus definitions find something in the original."""

IN_WORK: Final = frozenset({S.DRAFT, S.UPLOADED, S.SCANNING, S.TRANSCODING, S.PLAYABLE})
STREAMABLE: Final = frozenset({S.PLAYABLE, S.READY})


def check_title(title: str) -> str:
    """The title in NFC, trimmed. Raises InvalidInput(`title_invalid`)."""
    name = unicodedata.normalize("NFC", title).strip()
    if not name or len(name) > TITLE_MAX or any(unicodedata.category(c) in ("Cc", "Cs") for c in name):
        raise InvalidInput(f"A title has 1 to {TITLE_MAX} characters.", code="title_invalid", field="title")
    return name


class Visibility(StrEnum):
    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`percent` 0–100 of the stage, `eta_s` the seconds it may still take, None while unknown."""

    stage: str
    percent: int
    eta_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One immutable version of one object."""

    bucket: str
    key: str
    version_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    id: TrackId
    owner_id: AccountId
    upload_id: UploadId
    title: str
    filename: str
    size_bytes: Bytes
    visibility: Visibility
    state: TrackState
    created_at: EpochSeconds
    updated_at: EpochSeconds
    attempt: int = 1
    """Grows with every `retry`; work and messages of an older attempt are void."""
    revision: int = 0
    """Optimistic lock, owned by the repository: a save of an outdated revision is a Conflict."""
    deadline: EpochSeconds | None = None
    """When the sweep looks at the track if it is still in this state; None in end states."""
    redrives: int = 0
    lease_until: EpochSeconds | None = None
    """A worker holds the track until then; a dead worker's lease is taken over after it."""
    reason: ReasonCode | None = None
    progress: Progress | None = None
    incoming: StoredObject | None = None
    """The very version that arrived in the uploads bucket."""
    original: StoredObject | None = None
    """The promoted, clean copy that the transcoder reads."""
    scanned_at: EpochSeconds | None = None
    """When it was promoted as clean."""
    sha256: str | None = None
    source: SourceFacts | None = None
    media: MediaResult | None = None
    hidden_at: EpochSeconds | None = None
    """Since when nobody hears it because its owner's account is closing; None while it is there for all it is for."""
    deleted_at: EpochSeconds | None = None

    def moved(self, to: TrackState, now: EpochSeconds) -> "Track":
        """The track in state `to` with that state's deadline; Conflict(code="illegal_transition") if not allowed."""
        if self.deleted_at is not None:
            raise Conflict("The track was deleted.", code="track_deleted")
        if to not in TRANSITIONS[self.state]:
            raise Conflict(f"A track that is {self.state} can't become {to}.", code="illegal_transition")
        return replace(self, state=to, updated_at=now, deadline=_deadline(to, now), lease_until=None, reason=None)

    def awaited(self, now: EpochSeconds) -> "Track":
        """The same track, to be looked at again when its state's deadline has passed once more."""
        return replace(self, deadline=_deadline(self.state, now))

    def redriven(self, now: EpochSeconds) -> "Track":
        """The track handed to the workers once more, out of the hands of the one that lost it."""
        return replace(self.awaited(now), redrives=self.redrives + 1, lease_until=None, updated_at=now)

    def claimed(self, to: TrackState, now: EpochSeconds, lease_s: int) -> "Track | None":
        """The track held in work state `to` for `lease_s` seconds, or None while another worker holds it."""
        if self.state is to and self.lease_until is not None and self.lease_until > now:
            return None
        held = self.moved(to, now)
        until = EpochSeconds(now + lease_s)
        return replace(
            held, lease_until=until, deadline=EpochSeconds(until + 60), progress=Progress(stage=to, percent=0)
        )

    def ended(self, to: TrackState, reason: ReasonCode | None, now: EpochSeconds) -> "Track":
        """The track in end state `to` (ready, rejected or failed); `reason` is obligatory for the latter two."""
        if (reason is None) != (to is S.READY):
            raise ValueError("rejected and failed carry a reason, ready does not")
        return replace(self.moved(to, now), reason=reason, progress=None, redrives=0, deadline=None)

    def retried(self, now: EpochSeconds) -> "Track":
        """A new attempt of a failed track: from the clean original if there is one, else from the scan."""
        to = S.TRANSCODING if self.original is not None else S.UPLOADED
        if self.state is not S.FAILED:
            raise Conflict("Only a failed track can be retried.", code="not_retryable")
        return replace(self.moved(to, now), attempt=self.attempt + 1, redrives=0, progress=None)

    def deleted(self, now: EpochSeconds) -> "Track":
        """Soft-deleted: unreadable at once, its objects and row purged by the sweep after DELETED_KEEP_S."""
        return replace(
            self, deleted_at=now, updated_at=now, deadline=EpochSeconds(now + DELETED_KEEP_S), lease_until=None
        )

    def erased(self, now: EpochSeconds) -> "Track":
        """Deleted with its owner's account: what tells of them goes at once, the row and its objects soon."""
        return replace(
            self.deleted(now),
            title="",
            filename="",
            deadline=EpochSeconds(now + ERASED_TRACK_S),
            progress=None,
            sha256=None,
            source=None,
            media=None,
        )

    def with_owner(self, now: EpochSeconds, *, leaving: bool) -> "Track":
        """Hidden while its owner's account is closing, and to be heard again once it is not."""
        if leaving == (self.hidden_at is not None):
            return self
        return replace(self, hidden_at=now if leaving else None, updated_at=now)

    def readable_by(self, account: AccountId | None) -> bool:
        """Owners see their tracks in every state; others only streamable ones that are not private or hidden."""
        if self.deleted_at is not None or self.hidden_at is not None:
            return False
        return account == self.owner_id or (self.state in STREAMABLE and self.visibility is not Visibility.PRIVATE)


def _deadline(state: TrackState, now: EpochSeconds) -> EpochSeconds | None:
    wait = STAGE_DEADLINE_S.get(S.TRANSCODING if state is S.PLAYABLE else state)
    return None if wait is None else EpochSeconds(now + wait)
