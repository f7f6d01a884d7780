"""Builds the refresh of the definitions once per container."""

from functools import cache
from pathlib import Path
from typing import Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.httpsession import get_cert_path

from core.adapters import clients
from core.adapters.clock import SystemClock
from core.adapters.s3 import S3ObjectStore
from core.settings import Definitions, load
from core.store.health import HealthReport, HealthRepository
from core.telemetry import Metric, get_logger, get_metrics
from schedules.definitions.clamscan import Clamscan
from schedules.definitions.freshclam import Freshclam
from schedules.definitions.mirror import mirror_of
from schedules.definitions.service import DefinitionsService
from schedules.definitions.shelf import DefinitionsShelf

TESTFILES: Final = Path("/usr/share/clamav-testfiles")
"""Where Debian puts them; no layer has them."""


@cache
def service() -> DefinitionsService:
    settings = load(Definitions)
    mirror = mirror_of(settings.definitions_mirror)
    testfiles = sorted(TESTFILES.iterdir()) if TESTFILES.is_dir() else []
    return DefinitionsService(
        shelf=DefinitionsShelf(S3ObjectStore(clients.s3()), settings.definitions_bucket),
        updater=None
        if mirror is None
        else Freshclam(program=settings.freshclam, mirror=mirror, ca_bundle=get_cert_path(verify=True)),
        prover=Clamscan(program=settings.clamscan, testfiles=testfiles),
        clock=SystemClock(),
    )


@cache
def _health() -> HealthRepository:
    return HealthRepository(load(Definitions).operations_table)


def report_health(outcome: str, *, ok: bool, age_h: float | None) -> None:
    """Tells `make status` how the last run went."""
    detail = "The virus definitions are kept current." if ok else "The last refresh failed; the previous ones stay."
    facts: dict[str, str | int] = {"outcome": outcome}
    if age_h is not None:
        facts["age_h"] = int(age_h)
    _health().report(HealthReport(part="definitions", ok=ok, detail=detail, facts=facts, at=SystemClock().now()))


def gauge_age(age_h: float) -> None:
    """Written at once, so that it is not lost with the sandbox."""
    metrics().add_metric(Metric.DEFINITIONS_AGE_H, MetricUnit.NoUnit, age_h)
    metrics().flush_metrics()


@cache
def logger() -> Logger:
    return get_logger("definitions")


@cache
def metrics() -> Metrics:
    return get_metrics("definitions")
