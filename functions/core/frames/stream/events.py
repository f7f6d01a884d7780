"""What clients of the stream socket are told."""

from typing import ClassVar, Literal

from core.frames.envelope import Data
from core.frames.stream.nouns import Session, Together


class SessionChanged(Data):
    """On every device of the account. Whoever plays and is not `device_id` stops."""

    type: ClassVar[str] = "session.changed"
    session: Session


class PartyChanged(Data):
    type: ClassVar[str] = "party.changed"
    party: Together


class Chunk(Data):
    """Bytes `offset` and on of the segment's `size`, in base64."""

    type: ClassVar[str] = "chunk"
    track_id: str
    rung: str
    segment: int
    offset: int
    size: int
    encoding: Literal["base64"] = "base64"
    bytes: str
