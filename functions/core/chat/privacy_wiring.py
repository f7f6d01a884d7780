"""What people's rights over their data ask of chat, built of two tables."""

from typing import NamedTuple

from core.chat.erasure import ChatErasure
from core.chat.holdings import ChatHoldings
from core.chat.members import Members
from core.chat.taking_back import TakingBack
from core.chat.telling import Teller
from core.ports.clock import Clock
from core.realtime.publisher import Unheard
from core.store.attachments import AttachmentRepository
from core.store.chat_log import ChatLog
from core.store.conversations import ConversationRepository
from core.store.playback_sessions import PlaybackSessionRepository
from core.store.presences import PresenceRepository
from core.store.sockets import SocketRepository


class ChatPrivacy(NamedTuple):
    holdings: ChatHoldings
    erasure: ChatErasure


def privacy_of(chat_table: str, realtime_table: str, clock: Clock) -> ChatPrivacy:
    conversations, log = ConversationRepository(chat_table), ChatLog(chat_table)
    presences = PresenceRepository(realtime_table)
    sessions = PlaybackSessionRepository(realtime_table, counters_table="", outbox_table="")
    teller = Teller(conversations=conversations, publisher=Unheard(), clock=clock)
    return ChatPrivacy(
        holdings=ChatHoldings(conversations=conversations, log=log, presences=presences, sessions=sessions),
        erasure=ChatErasure(
            conversations=conversations,
            log=log,
            taking_back=TakingBack(log=log, attachments=AttachmentRepository(chat_table), clock=clock),
            members=Members(conversations=conversations, log=log, teller=teller, clock=clock),
            presences=presences,
            sessions=sessions,
            sockets=SocketRepository(realtime_table),
        ),
    )
