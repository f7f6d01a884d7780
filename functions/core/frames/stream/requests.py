"""What clients of the stream socket ask."""

from typing import Annotated, ClassVar

from pydantic import Field

from core.frames.envelope import Data
from core.frames.stream.nouns import CHUNKS_MAX, FETCHED_MAX, ClockTime, Exchange, Fetch, Id, PartyHead, Position


class Ping(Data):
    """The heartbeat. With `party` it also asks whether anything is new there."""

    type: ClassVar[str] = "ping"
    party: PartyHead | None = None


class ClockSync(Data):
    """`t0` is the client's clock. With the times of the exchange before, the answer has what they measure."""

    type: ClassVar[str] = "clock.sync"
    t0: ClockTime
    previous: Exchange | None = None


class SessionLoad(Data):
    """Another track, paused, on this device; whichever device played before stops."""

    type: ClassVar[str] = "session.load"
    track_id: Id
    position_ms: Position = 0


class SessionTake(Data):
    """Go on here with what another device plays."""

    type: ClassVar[str] = "session.take"


class SessionPlay(Data):
    """From `position_ms` on."""

    type: ClassVar[str] = "session.play"
    position_ms: Position


class SessionPause(Data):
    """At `position_ms`."""

    type: ClassVar[str] = "session.pause"
    position_ms: Position


class SessionSeek(Data):
    """To `position_ms`; it plays on if it played."""

    type: ClassVar[str] = "session.seek"
    position_ms: Position


class SessionStop(Data):
    type: ClassVar[str] = "session.stop"


class SessionReport(Data):
    """Where the player is, how much it has in store, and how the last segments came; at least every half minute."""

    type: ClassVar[str] = "session.report"
    position_ms: Position
    buffer_ms: Annotated[int, Field(ge=0, le=3_600_000, strict=True)]
    bps: Annotated[int, Field(ge=0, le=10**8, strict=True)]
    fetched: list[Fetch] = Field(default=[], max_length=FETCHED_MAX)


class MediaRenew(Data):
    type: ClassVar[str] = "media.renew"


class PartyStart(Data):
    type: ClassVar[str] = "party.start"


class PartyJoin(Data):
    """Whoever knows the id may."""

    type: ClassVar[str] = "party.join"
    party_id: Id


class PartyLeave(Data):
    """On this device."""

    type: ClassVar[str] = "party.leave"
    party_id: Id


class PartyLead(Data):
    """The host says what is heard: it happens everywhere half a second later."""

    type: ClassVar[str] = "party.lead"
    party_id: Id
    track_id: Id
    playing: bool
    position_ms: Position


class PartyPass(Data):
    """By the host, to whoever is there; by anybody, to themselves, once the host is gone."""

    type: ClassVar[str] = "party.pass"
    party_id: Id
    account_id: Id


class ChunksSend(Data):
    """For clients that can't fetch: the next `count` chunks of the loaded track from byte `offset` of `segment` on.
    Segment 0 is the init segment."""

    type: ClassVar[str] = "chunks.send"
    rung: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,20}$")]
    segment: Annotated[int, Field(ge=0, le=100_000, strict=True)]
    offset: Annotated[int, Field(ge=0, le=2**31, strict=True)] = 0
    count: Annotated[int, Field(ge=1, le=CHUNKS_MAX, strict=True)] = 1
