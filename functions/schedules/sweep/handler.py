"""Every five minutes → SweepService, track by track; then rechecks, if the virus definitions changed."""

from collections import Counter
from typing import Final

from core.domain.errors import VezaError
from core.telemetry import LogEvent, Metric, count
from schedules.sweep import wiring
from schedules.sweep.service import Outcome

LIMIT: Final = 500
"""So many tracks fit well into one run; the rest is still overdue in the next."""
METRICS: Final = {
    Outcome.EVENT_LOST: Metric.EVENT_LOST,
    Outcome.REDRIVEN: Metric.TRACK_REDRIVEN,
    Outcome.TIMED_OUT: Metric.TRACK_FAILED,
    Outcome.OBJECT_GONE: Metric.OBJECT_GONE,
}


def handler(_event: object, _context: object) -> dict[str, int]:
    """How many tracks came to which outcome; `error` counts those that could not be settled now."""
    service, outcomes = wiring.service(), Counter[str]()
    for track in service.overdue(limit=LIMIT):
        try:
            outcome = service.settle(track)
        except VezaError as error:
            wiring.logger().exception(LogEvent.RECORD_FAILED, extra={"track_id": track.id, "code": error.code})
            outcomes["error"] += 1
        else:
            wiring.logger().info(LogEvent.SWEPT, extra={"track_id": track.id, "outcome": outcome.value})
            outcomes[outcome] += 1
            if outcome in METRICS:
                count(wiring.metrics(), METRICS[outcome])
    _ask_for_rechecks(outcomes)
    wiring.report_health(outcomes)
    return dict(outcomes)


def _ask_for_rechecks(outcomes: Counter[str]) -> None:
    try:
        asked = wiring.rechecks().ask()
    except VezaError as error:
        wiring.logger().exception(LogEvent.RECORD_FAILED, extra={"code": error.code})
        outcomes["error"] += 1
    else:
        if asked:
            wiring.logger().info(LogEvent.SWEPT, extra={"rechecks": asked})
            outcomes["recheck_asked"] = asked
