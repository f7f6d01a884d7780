"""Facts about tracks."""

from typing import ClassVar

from core.messages.message import Id, Message


class TrackScanned(Message):
    """Clean, promoted, ready to be transcoded."""

    type: ClassVar[str] = "track.scanned"
    track_id: Id
    owner_id: Id
    attempt: int


class TrackPlayable(Message):
    type: ClassVar[str] = "track.playable"
    track_id: Id
    owner_id: Id
    attempt: int


class TranscodingCompleted(Message):
    """The track is `ready`."""

    type: ClassVar[str] = "transcoding.completed"
    track_id: Id
    owner_id: Id
    attempt: int


class TrackRejected(Message):
    type: ClassVar[str] = "track.rejected"
    track_id: Id
    owner_id: Id
    attempt: int
    reason: str


class TrackFailed(Message):
    type: ClassVar[str] = "track.failed"
    track_id: Id
    owner_id: Id
    attempt: int
    reason: str


class TrackDeleted(Message):
    type: ClassVar[str] = "track.deleted"
    track_id: Id
    owner_id: Id


class TrackPlayed(Message):
    """Somebody heard enough of it for a play (core/domain/playback_sessions.py), which is counted already."""

    type: ClassVar[str] = "track.played"
    track_id: Id
    account_id: Id


OF_TRACKS: tuple[type[Message], ...] = (
    TrackScanned,
    TrackPlayable,
    TranscodingCompleted,
    TrackRejected,
    TrackFailed,
    TrackDeleted,
    TrackPlayed,
)
