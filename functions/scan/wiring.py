"""Builds the scan once per container, with a clamd that has loaded before the first message comes."""

import functools
from typing import Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from core.adapters import clients
from core.adapters.clock import SystemClock
from core.adapters.s3 import S3ObjectStore
from core.settings import Scan, load
from core.store.attachments import AttachmentRepository
from core.store.health import HealthRepository
from core.store.tracks import TrackRepository
from core.store.uploads import UploadRepository
from core.telemetry import Metric, get_logger, get_metrics
from scan.attachment_recheck import AttachmentRecheck
from scan.attachments import AttachmentScan
from scan.clamav import ClamavScanner
from scan.definitions import PublishedDefinitions
from scan.examination import Examiner
from scan.health import ScanHealth
from scan.recheck import RecheckService
from scan.service import ScanService

INIT_WAIT_S: Final = 7.0
"""Lambda begins an init anew that takes more than ten seconds, imports included; clamd goes on loading by itself."""


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


def prepare() -> None:
    """What the sandbox's init is for: clamd loads, and gets the CPU that an init has even ahead of any message."""
    scanner().warm_up().join(INIT_WAIT_S)


@functools.cache
def scanner() -> ClamavScanner:
    settings = load(Scan)
    return ClamavScanner(
        settings.clamd,
        PublishedDefinitions(S3ObjectStore(clients.s3()), settings.definitions_bucket),
        max_age_h=settings.definitions_max_age_h,
        clock=SystemClock(),
        logger=logger(),
    )


@functools.cache
def examiner() -> Examiner:
    clock = SystemClock()
    return Examiner(
        store=S3ObjectStore(clients.s3()),
        scanner=scanner(),
        health=ScanHealth(repository=HealthRepository(load(Scan).operations_table), clock=clock),
        clock=clock,
    )


@functools.cache
def service() -> ScanService:
    settings = load(Scan)
    return ScanService(
        tracks=TrackRepository(settings.catalogue_table, settings.outbox_table),
        uploads=UploadRepository(settings.catalogue_table),
        store=examiner().store,
        examiner=examiner(),
        clock=examiner().clock,
        uploads_bucket=settings.uploads_bucket,
        originals_bucket=settings.originals_bucket,
        quarantine_bucket=settings.quarantine_bucket,
    )


@functools.cache
def attachments() -> AttachmentScan:
    settings = load(Scan)
    return AttachmentScan(
        attachments=AttachmentRepository(settings.chat_table),
        store=examiner().store,
        examiner=examiner(),
        clock=examiner().clock,
        uploads_bucket=settings.uploads_bucket,
        attachments_bucket=settings.attachments_bucket,
        quarantine_bucket=settings.quarantine_bucket,
    )


def rechecks() -> RecheckService:
    """On the one scanner there is: a second engine would not fit."""
    settings = load(Scan)
    return RecheckService(
        tracks=service().tracks,
        store=examiner().store,
        examiner=examiner(),
        clock=examiner().clock,
        quarantine_bucket=settings.quarantine_bucket,
        media_bucket=settings.media_bucket,
    )


def attachment_rechecks() -> AttachmentRecheck:
    return AttachmentRecheck(
        attachments=attachments().attachments,
        store=examiner().store,
        examiner=examiner(),
        clock=examiner().clock,
        quarantine_bucket=load(Scan).quarantine_bucket,
    )
