"""What clients of the stream socket are answered."""

from typing import ClassVar

from core.frames import envelope
from core.frames.envelope import Data
from core.frames.stream.nouns import Advice, Measured, Media, Session, Together


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


class _OfSession(Data):
    type: ClassVar[str] = ""
    session: Session


class _OfParty(Data):
    type: ClassVar[str] = ""
    party: Together


class SessionPlayOk(_OfSession):
    type: ClassVar[str] = "session.play.ok"


class SessionPauseOk(_OfSession):
    type: ClassVar[str] = "session.pause.ok"


class SessionSeekOk(_OfSession):
    type: ClassVar[str] = "session.seek.ok"


class SessionStopOk(_OfSession):
    type: ClassVar[str] = "session.stop.ok"


class SessionReportOk(Data):
    """`counted`: this listen is a play by now. `media` comes when it is time for another address."""

    type: ClassVar[str] = "session.report.ok"
    counted: bool
    advice: Advice
    media: Media | None = None


class MediaRenewOk(Data):
    type: ClassVar[str] = "media.renew.ok"
    media: Media


class PartyStartOk(_OfParty):
    type: ClassVar[str] = "party.start.ok"


class PartyJoinOk(_OfParty):
    type: ClassVar[str] = "party.join.ok"


class PartyLeaveOk(Data):
    type: ClassVar[str] = "party.leave.ok"


class PartyLeadOk(_OfParty):
    type: ClassVar[str] = "party.lead.ok"


class PartyPassOk(_OfParty):
    type: ClassVar[str] = "party.pass.ok"


class ChunksSendOk(Data):
    """All chunks are on their way. Go on from `segment` and `offset`; `ended`: that was the last one."""

    type: ClassVar[str] = "chunks.send.ok"
    segment: int
    offset: int
    ended: bool
