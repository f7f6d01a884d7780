"""The use cases of chat, built of what a function's settings name: for both doors."""

from dataclasses import dataclass

from core.chat.beginning import Beginning
from core.chat.blocking import Blocking
from core.chat.members import Members
from core.chat.membership import Membership
from core.chat.moderation import Moderation
from core.chat.reading import Reading
from core.chat.searching import Searching
from core.chat.signals import Signals
from core.chat.speaking import Speaking
from core.chat.taking_back import TakingBack
from core.chat.telling import Teller
from core.limiter import Limiter
from core.ports.clock import Clock
from core.ports.realtime import Publisher
from core.store.accounts import AccountRepository
from core.store.attachments import AttachmentRepository
from core.store.chat_log import ChatLog
from core.store.conversations import ConversationRepository
from core.store.presences import PresenceRepository
from core.store.sockets import SocketRepository
from core.store.tracks import TrackRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """All of them, over the same repositories."""

    beginning: Beginning
    membership: Membership
    moderation: Moderation
    reading: Reading
    searching: Searching
    speaking: Speaking
    signals: Signals
    blocking: Blocking


def chat_of(
    *,
    accounts: AccountRepository,
    conversations: ConversationRepository,
    log: ChatLog,
    attachments: AttachmentRepository,
    tracks: TrackRepository,
    presences: PresenceRepository,
    sockets: SocketRepository,
    publisher: Publisher,
    limiter: Limiter,
    clock: Clock,
) -> Chat:
    teller = Teller(conversations=conversations, publisher=publisher, clock=clock)
    members = Members(conversations=conversations, log=log, teller=teller, clock=clock)
    return Chat(
        beginning=Beginning(accounts=accounts, conversations=conversations, members=members, clock=clock),
        membership=Membership(accounts=accounts, conversations=conversations, members=members, clock=clock),
        moderation=Moderation(conversations=conversations, members=members, sockets=sockets, clock=clock),
        reading=Reading(conversations=conversations, log=log, teller=teller),
        searching=Searching(conversations=conversations, log=log, limiter=limiter),
        speaking=Speaking(
            conversations=conversations,
            log=log,
            attachments=attachments,
            taking_back=TakingBack(log=log, attachments=attachments, clock=clock),
            tracks=tracks,
            teller=teller,
            limiter=limiter,
            clock=clock,
        ),
        signals=Signals(
            conversations=conversations,
            presences=presences,
            sockets=sockets,
            tracks=tracks,
            teller=teller,
            limiter=limiter,
            clock=clock,
        ),
        blocking=Blocking(conversations=conversations, sockets=sockets),
    )
