"""The frames of the stream socket: what clients ask, what they are answered, what they are told.

Times are in ms since 1970 by our clock, positions in ms from the beginning of the track.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.domain.ids import ID_PATTERN
from core.domain.parties import Party
from core.domain.playback_sessions import PlaybackSession, PlaybackState
from core.domain.sockets import device_id
from core.frames import envelope
from core.frames.envelope import Closing, Data, Hello

Id = Annotated[str, Field(pattern=ID_PATTERN)]
Position = Annotated[int, Field(ge=0, le=6 * 3600 * 1000 + 1000, strict=True)]
ClockTime = Annotated[float, Field(ge=0, le=1e14)]
CHUNKS_MAX: Final = 8
FETCHED_MAX: Final = 20


class Session(BaseModel):
    """What the account hears. `device_id` is the device that plays; the position goes on from `at` while playing."""

    model_config = ConfigDict(frozen=True)
    state: PlaybackState
    position_ms: int
    at: int
    duration_ms: int
    track_id: str | None = None
    device_id: str | None = None

    @classmethod
    def of(cls, session: PlaybackSession) -> "Session":
        return cls(
            state=session.state,
            position_ms=session.position_ms,
            at=session.at,
            duration_ms=session.duration_ms,
            track_id=session.track_id,
            device_id=None if session.device is None else device_id(session.device),
        )


class Rung(BaseModel):
    """One rendition, by the name of its folder; `bps` as measured, in bits per second."""

    model_config = ConfigDict(frozen=True)
    name: str
    bps: int


class Media(BaseModel):
    """What a player needs. Ask for another by `renew_at`: what comes until `expires_at` plays on without a gap, as the
    files behind both addresses are the same."""

    model_config = ConfigDict(frozen=True)
    hls_url: str
    renew_at: int
    expires_at: int
    duration_ms: int
    gain_db: float
    encoder_delay: int
    samples: int
    rungs: list[Rung]


class Together(BaseModel):
    """A party as it is: from `at` on, `track_id` is at `position_ms`, and goes on if `playing`. A greater `seq` is
    newer."""

    model_config = ConfigDict(frozen=True)
    party_id: str
    seq: int
    host_id: str
    playing: bool
    position_ms: int
    at: int
    track_id: str | None = None

    @classmethod
    def of(cls, party: Party) -> "Together":
        return cls(
            party_id=party.id,
            seq=party.seq,
            host_id=party.host_id,
            playing=party.timeline.playing,
            position_ms=party.timeline.position_ms,
            at=party.timeline.at,
            track_id=party.timeline.track_id,
        )


class PartyHead(BaseModel):
    """What somebody knows of a party."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    party_id: Id
    seq: Annotated[int, Field(ge=0, le=10**11, strict=True)]


class Exchange(BaseModel):
    """The four times of the clock.sync before this one: sent, received, answered, heard."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    t0: ClockTime
    t1: ClockTime
    t2: ClockTime
    t3: ClockTime


class Measured(BaseModel):
    """Add `offset_ms` to the client's clock to have ours; it is off by half of `round_trip_ms` at most."""

    model_config = ConfigDict(frozen=True)
    offset_ms: float
    round_trip_ms: float


class Fetch(BaseModel):
    """One segment as it came."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    bytes: Annotated[int, Field(ge=1, le=2**31, strict=True)]
    took_ms: Annotated[int, Field(ge=1, le=600_000, strict=True)]


class Advice(BaseModel):
    """Which rung to fetch next, and why."""

    model_config = ConfigDict(frozen=True)
    bps: int
    reason: str


# -- what clients ask


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


# -- what they are answered


class HelloOk(envelope.HelloOk):
    """`device_id` is how this connection is called in `session`. The track of the address is loaded by now."""

    device_id: str
    session: Session
    media: Media | None = None


class PingOk(Data):
    """`party` only if it is news; `listeners` is how many sockets take part."""

    type: ClassVar[str] = "ping.ok"
    party: Together | None = None
    listeners: int | None = None


class ClockSyncOk(Data):
    """`t1` is when the frame came, `t2` when this was sent, by our clock."""

    type: ClassVar[str] = "clock.sync.ok"
    t0: float
    t1: float
    t2: float
    measured: Measured | None = None


class SessionLoadOk(Data):
    type: ClassVar[str] = "session.load.ok"
    session: Session
    media: Media


class SessionTakeOk(Data):
    type: ClassVar[str] = "session.take.ok"
    session: Session
    media: Media


class SessionPlayOk(Data):
    type: ClassVar[str] = "session.play.ok"
    session: Session


class SessionPauseOk(Data):
    type: ClassVar[str] = "session.pause.ok"
    session: Session


class SessionSeekOk(Data):
    type: ClassVar[str] = "session.seek.ok"
    session: Session


class SessionStopOk(Data):
    type: ClassVar[str] = "session.stop.ok"
    session: Session


class SessionReportOk(Data):
    """`counted`: this listen is a play by now. `media` comes when it is time for another address."""

    type: ClassVar[str] = "session.report.ok"
    counted: bool
    advice: Advice
    media: Media | None = None


class MediaRenewOk(Data):
    type: ClassVar[str] = "media.renew.ok"
    media: Media


class PartyStartOk(Data):
    type: ClassVar[str] = "party.start.ok"
    party: Together


class PartyJoinOk(Data):
    type: ClassVar[str] = "party.join.ok"
    party: Together


class PartyLeaveOk(Data):
    type: ClassVar[str] = "party.leave.ok"


class PartyLeadOk(Data):
    type: ClassVar[str] = "party.lead.ok"
    party: Together


class PartyPassOk(Data):
    type: ClassVar[str] = "party.pass.ok"
    party: Together


class ChunksSendOk(Data):
    """All chunks are on their way. Go on from `segment` and `offset`; `ended`: that was the last one."""

    type: ClassVar[str] = "chunks.send.ok"
    segment: int
    offset: int
    ended: bool


# -- what they are told


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


ANSWERS: Final[Mapping[type[Data], type[Data]]] = {
    Hello: HelloOk,
    Ping: PingOk,
    ClockSync: ClockSyncOk,
    SessionLoad: SessionLoadOk,
    SessionTake: SessionTakeOk,
    SessionPlay: SessionPlayOk,
    SessionPause: SessionPauseOk,
    SessionSeek: SessionSeekOk,
    SessionStop: SessionStopOk,
    SessionReport: SessionReportOk,
    MediaRenew: MediaRenewOk,
    PartyStart: PartyStartOk,
    PartyJoin: PartyJoinOk,
    PartyLeave: PartyLeaveOk,
    PartyLead: PartyLeadOk,
    PartyPass: PartyPassOk,
    ChunksSend: ChunksSendOk,
}
"""Every request, and what answers it."""
EVENTS: Final[tuple[type[Data], ...]] = (SessionChanged, PartyChanged, Chunk, Closing)
