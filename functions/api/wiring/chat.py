"""Builds what `chat-api` needs, once per container; nothing is imported or connected before it is asked for."""

from functools import cache

from api.wiring import shared
from core import settings


@cache
def services() -> tuple[object, ...]:
    from api.attachments.service import AttachmentService
    from api.origin import Edge
    from api.sockets.service import SocketService
    from core.adapters import clients
    from core.adapters.clock import SystemClock
    from core.adapters.download_door import S3DownloadDoor
    from core.adapters.upload_door import S3UploadDoor
    from core.chat.wiring import chat_of
    from core.domain.sockets import Door
    from core.realtime.wiring import PublisherOnDemand
    from core.store.accounts import AccountRepository
    from core.store.attachments import AttachmentRepository
    from core.store.chat_log import ChatLog
    from core.store.conversations import ConversationRepository
    from core.store.presences import PresenceRepository
    from core.store.sockets import SocketRepository
    from core.store.tracks import TrackRepository

    env, clock = settings.load(settings.ChatApi), SystemClock()
    limiter = shared.limiter(env.counters_table, env.limit_factor)
    edge = Edge(secret=lambda: shared.secrets().get(env.edge_secret))
    sockets = SocketRepository(env.realtime_table)
    publisher = PublisherOnDemand(
        door=Door.CHAT, endpoint=env.chat_endpoint, store=sockets, deliveries_queue_url=env.deliveries_queue_url
    )
    accounts, conversations = (
        AccountRepository(env.accounts_table, outbox_table=""),
        ConversationRepository(env.chat_table),
    )
    attachments = AttachmentRepository(env.chat_table)
    chat = chat_of(
        accounts=accounts,
        conversations=conversations,
        log=ChatLog(env.chat_table),
        attachments=attachments,
        tracks=TrackRepository(env.catalogue_table, outbox_table=""),
        presences=PresenceRepository(env.realtime_table),
        sockets=sockets,
        publisher=publisher,
        limiter=limiter,
        clock=clock,
    )
    return (
        shared.gate(
            shared.signer(env.stage, env.token_algorithm, env.jwt_secret),
            limiter,
            accounts_table=env.accounts_table,
            counters_table=env.counters_table,
        ),
        limiter,
        edge,
        shared.csrf(env.edge_secret),
        shared.auditor("chat-api", edge, env.audit_table, env.audit_days),
        SocketService(
            store=sockets,
            urls={Door.CHAT: env.chat_url, Door.STREAM: env.stream_url},
            page_origin=env.page_url,
            ice_urls=() if env.ice_urls == "none" else tuple(env.ice_urls.split()),
            turn_secret=lambda: shared.secrets().get(env.turn_secret),
            limiter=limiter,
            clock=clock,
        ),
        AttachmentService(
            accounts=accounts,
            conversations=conversations,
            attachments=attachments,
            upload_door=S3UploadDoor(clients.s3, env.uploads_bucket),
            download_door=S3DownloadDoor(clients.s3, env.attachments_bucket),
            limiter=limiter,
            clock=clock,
        ),
        chat.beginning,
        chat.membership,
        chat.moderation,
        chat.reading,
        chat.searching,
        chat.blocking,
    )
