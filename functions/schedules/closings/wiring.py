"""Builds the schedule once per container."""

from functools import cache

from aws_lambda_powertools import Logger

from core.adapters.clock import SystemClock
from core.settings import Closings, load
from core.store.closings import ClosingRepository
from core.telemetry import get_logger


@cache
def closings() -> ClosingRepository:
    settings = load(Closings)
    return ClosingRepository(settings.accounts_table, settings.outbox_table)


@cache
def clock() -> SystemClock:
    return SystemClock()


@cache
def logger() -> Logger:
    return get_logger("closings")
