"""Builds the deliveries worker once per container."""

from functools import cache

from aws_lambda_powertools import Logger, Metrics

from core.adapters import clients
from core.adapters.queue import SqsQueue
from core.settings import Deliveries, load
from core.store.sockets import SocketRepository
from core.telemetry import get_logger, get_metrics
from ws import shared_wiring
from ws.deliveries.service import DeliveryService


@cache
def service() -> DeliveryService:
    env = load(Deliveries)
    courier = shared_wiring.courier(env.chat_endpoint, SocketRepository(env.realtime_table))
    return DeliveryService(courier=courier, queue=SqsQueue(clients.sqs(), env.deliveries_queue_url))


@cache
def logger() -> Logger:
    return get_logger("deliveries")


@cache
def metrics() -> Metrics:
    return get_metrics("deliveries")
