"""Builds the scanner once per container, and starts clamd at once so that it loads while the first message comes."""

import functools

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from core.adapters import clients
from core.adapters.clock import SystemClock
from core.adapters.s3 import S3ObjectStore
from core.settings import Scan, load
from core.store.health import HealthRepository
from core.store.tracks import TrackRepository
from core.store.uploads import UploadRepository
from core.telemetry import Metric, get_logger, get_metrics
from scan.clamav import ClamavScanner
from scan.definitions import PublishedDefinitions
from scan.health import ScanHealth
from scan.recheck import RecheckService
from scan.service import ScanService


@functools.cache
def logger() -> Logger:
    return get_logger("scan")


@functools.cache
def metrics() -> Metrics:
    return get_metrics("scan")


def count(metric: Metric) -> None:
    """One more of `metric`, written at once: the function may be frozen after this record."""
    metrics().add_metric(metric, MetricUnit.Count, 1)
    metrics().flush_metrics()


@functools.cache
def service() -> ScanService:
    settings, clock = load(Scan), SystemClock()
    store = S3ObjectStore(clients.s3())
    scanner = ClamavScanner(
        settings.clamd,
        PublishedDefinitions(store, settings.definitions_bucket),
        max_age_h=settings.definitions_max_age_h,
        clock=clock,
        logger=logger(),
    )
    scanner.warm_up()
    return ScanService(
        tracks=TrackRepository(settings.catalogue_table, settings.outbox_table),
        uploads=UploadRepository(settings.catalogue_table),
        store=store,
        scanner=scanner,
        health=ScanHealth(repository=HealthRepository(settings.operations_table), clock=clock),
        clock=clock,
        uploads_bucket=settings.uploads_bucket,
        originals_bucket=settings.originals_bucket,
        quarantine_bucket=settings.quarantine_bucket,
    )


def rechecks() -> RecheckService:
    """On the service's own scanner: a second engine would not fit."""
    scan, settings = service(), load(Scan)
    return RecheckService(
        tracks=scan.tracks,
        store=scan.store,
        scanner=scan.scanner,
        clock=scan.clock,
        quarantine_bucket=settings.quarantine_bucket,
        media_bucket=settings.media_bucket,
    )
