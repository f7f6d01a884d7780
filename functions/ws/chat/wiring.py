"""Builds the chat socket's service once per container."""

from functools import cache

from aws_lambda_powertools import Logger

from core.adapters.clock import SystemClock
from core.chat.wiring import Chat, chat_of
from core.domain.sockets import Door
from core.limiter import Limiter
from core.realtime.rooms import Rooms
from core.realtime.wiring import publisher_of
from core.settings import ChatSocket, load
from core.store.accounts import AccountRepository
from core.store.attachments import AttachmentRepository
from core.store.chat_log import ChatLog
from core.store.conversations import ConversationRepository
from core.store.counters import CounterRepository
from core.store.presences import PresenceRepository
from core.store.sockets import SocketRepository
from core.store.tracks import TrackRepository
from core.telemetry import get_logger
from ws import shared_wiring
from ws.chat.service import KINDS, ChatService
from ws.desk import Desk


@cache
def settings() -> ChatSocket:
    return load(ChatSocket)


@cache
def clock() -> SystemClock:
    return SystemClock()


@cache
def sockets() -> SocketRepository:
    return SocketRepository(settings().realtime_table)


@cache
def limiter() -> Limiter:
    env = settings()
    return Limiter(counters=CounterRepository(env.counters_table), clock=clock(), factor=env.limit_factor)


@cache
def desk() -> Desk:
    env, chat = settings(), _chat()
    service = ChatService(
        speaking=chat.speaking,
        reading=chat.reading,
        signals=chat.signals,
        rooms=Rooms(store=sockets()),
        sockets=sockets(),
        limiter=limiter(),
    )
    doorkeeper = shared_wiring.doorkeeper(
        Door.CHAT,
        endpoint=env.chat_endpoint,
        store=sockets(),
        accounts_table=env.accounts_table,
        silence_queue_url=env.silence_queue_url,
        went=service.went,
    )
    return Desk(doorkeeper=doorkeeper, service=service, kinds=KINDS, clock=clock())


def _chat() -> Chat:
    env = settings()
    return chat_of(
        accounts=AccountRepository(env.accounts_table, outbox_table=""),
        conversations=ConversationRepository(env.chat_table),
        log=ChatLog(env.chat_table),
        attachments=AttachmentRepository(env.chat_table),
        tracks=TrackRepository(env.catalogue_table, outbox_table=""),
        presences=PresenceRepository(env.realtime_table),
        sockets=sockets(),
        publisher=publisher_of(Door.CHAT, env.chat_endpoint, sockets(), env.deliveries_queue_url),
        limiter=limiter(),
        clock=clock(),
    )


@cache
def logger() -> Logger:
    return get_logger("chat-socket")
