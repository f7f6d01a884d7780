"""Every five minutes → what is overdue, track by track and attachment by attachment; then rechecks, if the virus
definitions changed."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from core.domain.errors import VezaError
from core.telemetry import LogEvent, Metric, count
from schedules.sweep import wiring
from schedules.sweep.recheck import RecheckAsker
from schedules.sweep.service import Outcome

LIMIT: Final = 500
"""So many of each fit well into one run; the rest is still overdue in the next."""
METRICS: Final[Mapping[Outcome | None, Metric]] = {
    Outcome.EVENT_LOST: Metric.EVENT_LOST,
    Outcome.REDRIVEN: Metric.TRACK_REDRIVEN,
    Outcome.TIMED_OUT: Metric.TRACK_FAILED,
    Outcome.OBJECT_GONE: Metric.OBJECT_GONE,
}


def handler(_event: object, _context: object) -> dict[str, int]:
    """How many came to which outcome; `error` counts those that could not be settled now."""
    outcomes = Counter[str]()
    tracks, attachments = wiring.service(), wiring.attachments()
    for track in tracks.overdue(limit=LIMIT):
        outcome = _settle(partial(tracks.settle, track), outcomes, track_id=track.id)
        if outcome in METRICS:
            count(wiring.metrics(), METRICS[outcome])
    for attachment in attachments.overdue(limit=LIMIT):
        _settle(partial(attachments.settle, attachment), outcomes, attachment_id=attachment.id)
    for asker in wiring.rechecks():
        _ask_for_rechecks(asker, outcomes)
    wiring.report_health(outcomes)
    return dict(outcomes)


def _settle(settle: Callable[[], Outcome], outcomes: Counter[str], **ids: str) -> Outcome | None:
    try:
        outcome = settle()
    except VezaError as error:
        wiring.logger().exception(LogEvent.RECORD_FAILED, extra={**ids, "code": error.code})
        outcomes["error"] += 1
        return None
    wiring.logger().info(LogEvent.SWEPT, extra={**ids, "outcome": outcome.value})
    outcomes[outcome] += 1
    return outcome


def _ask_for_rechecks(asker: RecheckAsker, outcomes: Counter[str]) -> None:
    try:
        asked = asker.ask()
    except VezaError as error:
        wiring.logger().exception(LogEvent.RECORD_FAILED, extra={"code": error.code})
        outcomes["error"] += 1
    else:
        if asked:
            wiring.logger().info(LogEvent.SWEPT, extra={"rechecks": asked})
            outcomes["recheck_asked"] += asked
