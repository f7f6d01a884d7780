"""What the frames of the stream socket are about."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from core.domain.ids import ID_PATTERN
from core.domain.parties import Party
from core.domain.playback_sessions import PlaybackSession, PlaybackState
from core.domain.sockets import device_id

Id = Annotated[str, Field(pattern=ID_PATTERN)]
Position = Annotated[int, Field(ge=0, le=6 * 3600 * 1000 + 1000, strict=True)]
ClockTime = Annotated[float, Field(ge=0, le=1e14)]
CHUNKS_MAX: Final = 8
FETCHED_MAX: Final = 20


class Session(BaseModel):
    """What the account hears. `device_id` is the device that plays; the position goes on from `at` while playing. A
    greater `seq` is newer."""

    model_config = ConfigDict(frozen=True)
    seq: int
    state: PlaybackState
    position_ms: int
    at: int
    duration_ms: int
    track_id: str | None = None
    device_id: str | None = None

    @classmethod
    def of(cls, session: PlaybackSession) -> "Session":
        return cls(
            seq=session.revision,
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
