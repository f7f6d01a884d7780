"""Builds the keys function once per container."""

from functools import cache

from aws_lambda_powertools import Logger

from core.adapters import clients
from core.adapters.clock import SystemClock
from core.settings import Keys, load
from core.telemetry import get_logger
from schedules.keys.kinds import KINDS
from schedules.keys.service import KeyService
from schedules.keys.vault import SecretsManagerVault


@cache
def service() -> KeyService:
    env = load(Keys)
    vault = SecretsManagerVault(clients.secretsmanager(), env.jwt_secret)
    return KeyService(vault=vault, kind=KINDS[env.token_algorithm], clock=SystemClock())


@cache
def logger() -> Logger:
    return get_logger("keys")
