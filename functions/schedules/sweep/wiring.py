"""Builds the sweep once per container."""

from collections import Counter
from dataclasses import replace
from functools import cache

from aws_lambda_powertools import Logger, Metrics

from core.adapters import clients
from core.adapters.clock import SystemClock
from core.adapters.queue import SqsQueue
from core.adapters.s3 import S3ObjectStore
from core.adapters.upload_door import S3UploadDoor
from core.messages.work import AttachmentRecheckRequest, RecheckRequest
from core.settings import Sweep, load
from core.store.attachments import AttachmentRepository
from core.store.health import HealthReport, HealthRepository
from core.store.recheck_log import ATTACHMENTS, TRACKS, RecheckLog
from core.store.tracks import TrackRepository
from core.store.uploads import UploadRepository
from core.telemetry import get_logger, get_metrics
from schedules.sweep.attachments import AttachmentSweep
from schedules.sweep.recheck import RecheckAsker
from schedules.sweep.service import SweepService


@cache
def service() -> SweepService:
    settings = load(Sweep)
    return SweepService(
        tracks=TrackRepository(settings.catalogue_table, settings.outbox_table),
        uploads=UploadRepository(settings.catalogue_table),
        objects=S3ObjectStore(clients.s3()),
        door=S3UploadDoor(clients.s3, settings.uploads_bucket),
        scan_queue=SqsQueue(clients.sqs(), settings.scan_queue_url),
        clock=SystemClock(),
        uploads_bucket=settings.uploads_bucket,
        originals_bucket=settings.originals_bucket,
        quarantine_bucket=settings.quarantine_bucket,
        media_bucket=settings.media_bucket,
    )


@cache
def attachments() -> AttachmentSweep:
    settings = load(Sweep)
    return AttachmentSweep(
        attachments=AttachmentRepository(settings.chat_table),
        objects=S3ObjectStore(clients.s3()),
        scan_queue=SqsQueue(clients.sqs(), settings.scan_queue_url),
        clock=SystemClock(),
        uploads_bucket=settings.uploads_bucket,
        attachments_bucket=settings.attachments_bucket,
        quarantine_bucket=settings.quarantine_bucket,
    )


@cache
def rechecks() -> tuple[RecheckAsker, ...]:
    """One for each kind of things that passed the scan."""
    settings = load(Sweep)
    of_tracks = RecheckAsker(
        passed=service().tracks,
        request=lambda track_id: RecheckRequest(track_id=track_id),
        log=RecheckLog(settings.operations_table, TRACKS),
        objects=service().objects,
        scan_queue=service().scan_queue,
        clock=service().clock,
        definitions_bucket=settings.definitions_bucket,
    )
    of_attachments = replace(
        of_tracks,
        passed=attachments().attachments,
        request=lambda attachment_id: AttachmentRecheckRequest(attachment_id=attachment_id),
        log=RecheckLog(settings.operations_table, ATTACHMENTS),
    )
    return of_tracks, of_attachments


@cache
def _health() -> HealthRepository:
    return HealthRepository(load(Sweep).operations_table)


def report_health(outcomes: Counter[str]) -> None:
    """Tells `make status` and `/readyz` how the last run went."""
    errors = outcomes["error"]
    detail = f"{errors} things could not be settled." if errors else "Everything overdue was settled."
    _health().report(
        HealthReport(part="sweep", ok=not errors, detail=detail, facts=dict(outcomes), at=SystemClock().now())
    )


@cache
def logger() -> Logger:
    return get_logger("sweep")


@cache
def metrics() -> Metrics:
    return get_metrics("sweep")
