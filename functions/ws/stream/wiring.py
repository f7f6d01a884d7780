"""Builds the stream socket's service once per container."""

from functools import cache

from aws_lambda_powertools import Logger

from core.adapters import clients
from core.adapters.clock import SystemClock
from core.adapters.s3 import S3ObjectStore
from core.adapters.secrets import SecretsManagerSecrets
from core.adapters.sockets import ApiGatewaySockets
from core.domain.sockets import Door
from core.limiter import Limiter
from core.playback.media_urls import MediaUrls
from core.playback.wiring import Playback, playback_of
from core.realtime.wiring import publisher_of
from core.settings import StreamSocket, load
from core.store.counters import CounterRepository
from core.store.parties import PartyRepository
from core.store.playback_sessions import PlaybackSessionRepository
from core.store.sockets import SocketRepository
from core.store.tracks import TrackRepository
from core.telemetry import get_logger
from ws import shared_wiring
from ws.desk import Desk
from ws.stream.service import KINDS, StreamService


@cache
def settings() -> StreamSocket:
    return load(StreamSocket)


@cache
def clock() -> SystemClock:
    return SystemClock()


@cache
def sockets() -> SocketRepository:
    return SocketRepository(settings().realtime_table)


@cache
def secrets() -> SecretsManagerSecrets:
    return SecretsManagerSecrets(clients.secretsmanager())


@cache
def desk() -> Desk:
    env, playback = settings(), _playback()
    service = StreamService(
        listening=playback.listening, together=playback.together, chunks=playback.chunks, clock=clock()
    )
    doorkeeper = shared_wiring.doorkeeper(
        Door.STREAM,
        endpoint=env.stream_endpoint,
        store=sockets(),
        accounts_table=env.accounts_table,
        silence_queue_url=env.silence_queue_url,
        went=service.went,
    )
    return Desk(doorkeeper=doorkeeper, service=service, kinds=KINDS, clock=clock())


def _playback() -> Playback:
    env = settings()
    return playback_of(
        tracks=TrackRepository(env.catalogue_table, outbox_table=""),
        sessions=PlaybackSessionRepository(env.realtime_table, env.counters_table, env.outbox_table),
        parties=PartyRepository(env.realtime_table),
        store=sockets(),
        media_urls=MediaUrls(base_url=env.media_url, key=lambda: secrets().get(env.media_secret).encode()),
        media=S3ObjectStore(clients.s3()),
        media_bucket=env.media_bucket,
        sockets=ApiGatewaySockets(clients.sockets(env.stream_endpoint)),
        publisher=publisher_of(Door.STREAM, env.stream_endpoint, sockets(), env.deliveries_queue_url),
        limiter=Limiter(counters=CounterRepository(env.counters_table), clock=clock(), factor=env.limit_factor),
        clock=clock(),
    )


@cache
def logger() -> Logger:
    return get_logger("stream-socket")
