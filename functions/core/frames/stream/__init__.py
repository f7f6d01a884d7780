"""The frames of the stream socket: what clients ask, what they are answered, what they are told.

Times are in ms since 1970 by our clock, positions in ms from the beginning of the track.
"""

from collections.abc import Mapping
from typing import Final

from core.frames.envelope import Closing, Data, Hello
from core.frames.stream import answers, events, requests

ANSWERS: Final[Mapping[type[Data], type[Data]]] = {
    Hello: answers.HelloOk,
    requests.Ping: answers.PingOk,
    requests.ClockSync: answers.ClockSyncOk,
    requests.SessionLoad: answers.SessionLoadOk,
    requests.SessionTake: answers.SessionTakeOk,
    requests.SessionPlay: answers.SessionPlayOk,
    requests.SessionPause: answers.SessionPauseOk,
    requests.SessionSeek: answers.SessionSeekOk,
    requests.SessionStop: answers.SessionStopOk,
    requests.SessionReport: answers.SessionReportOk,
    requests.MediaRenew: answers.MediaRenewOk,
    requests.PartyStart: answers.PartyStartOk,
    requests.PartyJoin: answers.PartyJoinOk,
    requests.PartyLeave: answers.PartyLeaveOk,
    requests.PartyLead: answers.PartyLeadOk,
    requests.PartyPass: answers.PartyPassOk,
    requests.ChunksSend: answers.ChunksSendOk,
}
"""Every request, and what answers it."""
EVENTS: Final[tuple[type[Data], ...]] = (events.SessionChanged, events.PartyChanged, events.Chunk, Closing)
