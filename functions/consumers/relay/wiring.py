"""Builds the relay once per container."""

from functools import cache

from aws_lambda_powertools import Logger, Metrics

from consumers.relay.service import RelayService
from core.adapters import clients
from core.adapters.bus import EventBridgeBus
from core.settings import Relay, load
from core.telemetry import get_logger, get_metrics


@cache
def service() -> RelayService:
    return RelayService(bus=EventBridgeBus(clients.events(), load(Relay).bus))


@cache
def logger() -> Logger:
    return get_logger("relay")


@cache
def metrics() -> Metrics:
    return get_metrics("relay")
