"""Builds the deliveries worker once per container."""

from functools import cache

from aws_lambda_powertools import Logger, Metrics

from core.adapters import clients
from core.adapters.queue import SqsQueue
from core.domain.sockets import Door
from core.realtime.wiring import courier_of
from core.settings import Deliveries, load
from core.store.sockets import SocketRepository
from core.telemetry import get_logger, get_metrics
from ws.deliveries.service import DeliveryService


@cache
def service() -> DeliveryService:
    env = load(Deliveries)
    store = SocketRepository(env.realtime_table)
    couriers = {
        Door.CHAT: courier_of(env.chat_endpoint, store),
        Door.STREAM: courier_of(env.stream_endpoint, store),
    }
    return DeliveryService(couriers=couriers, queue=SqsQueue(clients.sqs(), env.deliveries_queue_url))


@cache
def logger() -> Logger:
    return get_logger("deliveries")


@cache
def metrics() -> Metrics:
    return get_metrics("deliveries")
