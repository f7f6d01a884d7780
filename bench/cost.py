"""What a track costs on AWS, from what its way through the deployed pipeline took here, beside two managed services.

Durations are those of this machine, taken as they are: no allowance is made for Lambda's processors. Left out on all
sides: storage, delivery, logs, traces.
"""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from math import ceil
from typing import Any, Final

from rich.console import Console

from bench import hls_muxer, invocations, ours, prices
from bench.invocations import Invocation
from bench.music import MINUTE, Format, Piece
from core.domain import limits
from scan import spool
from transcode import ladder, origin
from transcode.plan import UNCUT

NAME: Final = "cost"
TRACKS: Final = 1000
API: Final = "-api"
SQS_REQUESTS: Final = 3
"""Send, receive, delete."""
QUEUELESS: Final = frozenset({"relay", "sweep", "definitions", "keys", "page"})
"""Functions that nothing from a queue wakes."""
ROW_UNITS: Final = 2 * 2 + 2
"""Write units of a track's revision: a row below 2 KB in a transaction (twice the units), and two index entries."""
READS_PER_CALL: Final = 4

FULL: Final = (
    Piece(name="3 min FLAC 16/44.1", format=Format.CD_FLAC, seconds=3 * MINUTE),
    Piece(name="10 min FLAC 16/44.1", format=Format.CD_FLAC, seconds=10 * MINUTE),
)
QUICK: Final = (Piece(name="30 s FLAC 16/44.1", format=Format.CD_FLAC, seconds=30),)


class Basis(StrEnum):
    """How sure a line is."""

    MEASURED = "measured"
    COUNTED = "counted"
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What TRACKS tracks cost of one thing; `detail` is for one track."""

    what: str
    basis: Basis
    dollars: float
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one track took on its way."""

    calls: tuple[Invocation, ...]
    """Of the functions behind queues and streams, and what the API did for the upload."""
    objects_put: int
    size_bytes: int
    events: int
    revisions: int


def lines(taken: Taken) -> list[Line]:
    """Our own bill."""
    gb_s = sum(call.gb_s for call in taken.calls)
    tmp_gb_s = sum(call.tmp_gb_s for call in taken.calls)
    gets = ceil(taken.size_bytes / spool.RANGE_BYTES) + UNCUT * ceil(taken.size_bytes / origin.BLOCK) + 6
    requests = sum(_is_api(call) for call in taken.calls)
    queued = sum(not _is_api(call) and call.function not in QUEUELESS for call in taken.calls)
    units = ROW_UNITS * taken.revisions + 2 * taken.events
    reads = READS_PER_CALL * len(taken.calls)
    dynamodb = units * prices.DYNAMODB_WRITE.dollars + reads * prices.DYNAMODB_READ.dollars
    lambda_ = gb_s * prices.LAMBDA_ARM64.dollars + tmp_gb_s * prices.LAMBDA_TMP.dollars
    others = taken.events * prices.EVENTBRIDGE.dollars + requests * prices.HTTP_API.dollars + prices.SES.dollars
    return [
        _line("Lambda, time", Basis.MEASURED, lambda_, f"{gb_s:.1f} GB-s, {tmp_gb_s:.1f} GB-s of /tmp"),
        _line(
            "Lambda, requests",
            Basis.COUNTED,
            len(taken.calls) * prices.LAMBDA_REQUEST.dollars,
            f"{len(taken.calls)} calls",
        ),
        _line(
            "S3, writes",
            Basis.COUNTED,
            taken.objects_put * prices.S3_PUT.dollars,
            f"{taken.objects_put} objects or parts",
        ),
        _line("S3, reads", Basis.ESTIMATED, gets * prices.S3_GET.dollars, f"{gets} ranges and heads"),
        _line("SQS", Basis.ESTIMATED, queued * SQS_REQUESTS * prices.SQS.dollars, f"{queued} messages"),
        _line("DynamoDB", Basis.ESTIMATED, dynamodb, f"{units} write units, {reads} read units"),
        _line("EventBridge, API, mail", Basis.ESTIMATED, others, f"{taken.events} events, {requests} requests, 1 mail"),
    ]


def _line(what: str, basis: Basis, dollars_a_track: float, detail: str) -> Line:
    return Line(what=what, basis=basis, dollars=dollars_a_track * TRACKS, detail=detail)


def upload_requests(size_bytes: int) -> int:
    """One PUT, or the parts with the beginning and the end of a multipart upload."""
    small = size_bytes <= limits.UPLOAD_SINGLE_PUT_MAX_BYTES
    return 1 if small else ceil(size_bytes / limits.UPLOAD_PART_BYTES) + 2


def mediaconvert(seconds: float, outputs: int) -> float:
    """TRACKS tracks with so many audio-only outputs each."""
    minutes = max(seconds, prices.MEDIACONVERT_LEAST_S) / 60 * outputs
    return minutes * prices.MEDIACONVERT_MINUTE.dollars * TRACKS


def guardduty(size_bytes: int) -> float:
    """TRACKS objects of that size."""
    return (size_bytes / 1e9 * prices.GUARDDUTY_GB.dollars + prices.GUARDDUTY_OBJECT.dollars) * TRACKS


def run(pieces: Iterable[Piece], console: Console) -> dict[str, Any]:
    """Sends each piece through a warm pipeline that has nothing else to do."""
    results = []
    short = Piece(name="warm-up", format=Format.CD_FLAC, seconds=20, start_s=400).made()
    with ours.stage() as stage:
        stage.warm_up(short, None)
        for piece in pieces:
            path = piece.made()
            taken = _taken(stage, piece)
            outputs = len(ladder.rungs(hls_muxer.facts(path))) + 1
            bill = lines(taken)
            console.print(f"{piece.name}: ${sum(line.dollars for line in bill):.3f} for {TRACKS} tracks")
            results.append(
                {
                    "name": piece.name,
                    "seconds": piece.seconds,
                    "size_bytes": taken.size_bytes,
                    "outputs": outputs,
                    "lines": [asdict(line) for line in bill],
                    "functions": _by_function(taken.calls),
                    "mediaconvert": mediaconvert(piece.seconds, outputs),
                    "guardduty": guardduty(taken.size_bytes),
                }
            )
    return {"tracks": TRACKS, "pieces": results}


def _taken(stage: ours.Stage, piece: Piece) -> Taken:
    """Looks seldom, so that nothing but the pipeline works."""
    cloud, pipeline = stage.cloud, stage.pipeline
    pipeline.idle()
    time.sleep(1.0)
    start_ms = int(time.time() * 1000)
    track_id, _ = stage.send(piece.path, f"Cost {piece.name}")
    api = [call for call in invocations.since(cloud.aws("logs"), cloud.aws("lambda"), start_ms) if _is_api(call)]
    while stage.state_of(track_id) != "ready":
        time.sleep(1.0)
    pipeline.idle()
    time.sleep(2.0)  # the last mail's call is told after it left its queue
    calls = invocations.since(cloud.aws("logs"), cloud.aws("lambda"), start_ms)
    objects = pipeline.objects(track_id)
    size = piece.path.stat().st_size
    taken = Taken(
        calls=tuple(api + [call for call in calls if not _is_api(call) and call.function != "sweep"]),
        objects_put=len(objects["Originals"]) + len(objects["Media"]) + upload_requests(size),
        size_bytes=size,
        events=len(pipeline.events_about(track_id)),
        revisions=_revision(stage, track_id),
    )
    stage.forget(track_id)
    return taken


def _is_api(call: Invocation) -> bool:
    return call.function.endswith(API)


def _revision(stage: ours.Stage, track_id: str) -> int:
    """How often the track was saved."""
    key = {"pk": {"S": f"track#{track_id}"}, "sk": {"S": "track"}}
    row = stage.cloud.aws("dynamodb").get_item(TableName=stage.cloud.outputs["CatalogueTable"], Key=key)["Item"]
    return int(row["revision"]["N"])


def _by_function(calls: Iterable[Invocation]) -> dict[str, dict[str, float]]:
    return {
        function: {
            "calls": len(of_it),
            "ms": sum(call.ms for call in of_it),
            "gb_s": sum(call.gb_s for call in of_it),
            "memory_mb": of_it[0].memory_mb,
        }
        for function, of_it in invocations.by_function(calls).items()
    }
