"""Builds the keys function once per container."""

from functools import cache

from aws_lambda_powertools import Logger

from core.adapters import clients
from core.adapters.clock import SystemClock
from core.settings import Keys, load
from core.telemetry import get_logger
from schedules.keys.rsa import new_signing_key, public_half
from schedules.keys.service import KeyService
from schedules.keys.vault import SecretsManagerVault


@cache
def service() -> KeyService:
    vault = SecretsManagerVault(clients.secretsmanager(), load(Keys).jwt_secret)
    return KeyService(vault=vault, new_key=new_signing_key, public_half=public_half, clock=SystemClock())


@cache
def logger() -> Logger:
    return get_logger("keys")
