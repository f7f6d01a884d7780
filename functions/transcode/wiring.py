"""Builds the transcoder once per container."""

from functools import cache

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from core.adapters import clients
from core.adapters.clock import SystemClock
from core.adapters.s3 import S3ObjectStore
from core.settings import Transcode, load
from core.store.tracks import TrackRepository
from core.telemetry import Metric, get_logger, get_metrics
from transcode.encode import FfmpegEncoder
from transcode.ffmpeg import Ffmpeg
from transcode.service import Transcoder


@cache
def logger() -> Logger:
    return get_logger("transcode")


@cache
def metrics() -> Metrics:
    return get_metrics("transcode")


def count(metric: Metric) -> None:
    """One more of `metric`, written at once: the function may be frozen after this record."""
    metrics().add_metric(metric, MetricUnit.Count, 1)
    metrics().flush_metrics()


@cache
def service() -> Transcoder:
    settings = load(Transcode)
    store = S3ObjectStore(clients.s3())
    return Transcoder(
        tracks=TrackRepository(settings.catalogue_table, settings.outbox_table),
        store=store,
        encoder=FfmpegEncoder(Ffmpeg(settings.ffmpeg), store),
        media_bucket=settings.media_bucket,
        clock=SystemClock(),
    )
