"""Builds the two workers of this room once per container: of the heads of tracks, and of all other parts."""

from functools import cache

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from core.adapters import clients
from core.adapters.clock import SystemClock
from core.adapters.queue import SqsQueue
from core.adapters.s3 import S3ObjectStore
from core.settings import Transcode, load
from core.store.parts import PartRepository
from core.store.tracks import TrackRepository
from core.telemetry import Metric, get_logger, get_metrics
from transcode.completion import Completion
from transcode.encode import FfmpegEncoder
from transcode.ffmpeg import Ffmpeg
from transcode.parts import PartEncoder
from transcode.service import Transcoder


@cache
def logger(function: str) -> Logger:
    return get_logger(function)


@cache
def metrics(function: str) -> Metrics:
    return get_metrics(function)


def count(metric: Metric, function: str) -> None:
    """One more of `metric`, written at once: the function may be frozen after this record."""
    metrics(function).add_metric(metric, MetricUnit.Count, 1)
    metrics(function).flush_metrics()


@cache
def service() -> Transcoder:
    return Transcoder(tracks=_tracks(), encoder=_encoder(), completion=_completion(), clock=SystemClock())


@cache
def part_encoder() -> PartEncoder:
    return PartEncoder(tracks=_tracks(), encoder=_encoder(), completion=_completion(), clock=SystemClock())


@cache
def _tracks() -> TrackRepository:
    settings = load(Transcode)
    return TrackRepository(settings.catalogue_table, settings.outbox_table)


@cache
def _encoder() -> FfmpegEncoder:
    return FfmpegEncoder(Ffmpeg(load(Transcode).ffmpeg), S3ObjectStore(clients.s3()))


@cache
def _completion() -> Completion:
    settings = load(Transcode)
    return Completion(
        store=S3ObjectStore(clients.s3()),
        parts=PartRepository(settings.catalogue_table),
        parts_queue=SqsQueue(clients.sqs(), settings.parts_queue_url),
        media_bucket=settings.media_bucket,
    )
