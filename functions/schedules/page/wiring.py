"""Builds the page function once per container."""

from functools import cache

from aws_lambda_powertools import Logger

from core.adapters import clients
from core.adapters.s3 import S3ObjectStore
from core.settings import Page, load
from core.telemetry import get_logger
from schedules.page.service import PageService


@cache
def service() -> PageService:
    return PageService(objects=S3ObjectStore(clients.s3()), bucket=load(Page).web_bucket)


@cache
def logger() -> Logger:
    return get_logger("page")
