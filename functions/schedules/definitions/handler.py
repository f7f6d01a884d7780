"""Every three hours → DefinitionsService; a refusal is counted and told, never an error of the function."""

from core.domain.errors import VezaError
from core.telemetry import LogEvent, Metric, count
from schedules.definitions import wiring


def handler(_event: object, _context: object) -> dict[str, str]:
    """The outcome, or the code of what went wrong; the previous definitions stay then."""
    try:
        outcome, ok = wiring.service().refresh().value, True
    except VezaError as error:
        wiring.logger().exception(LogEvent.DEFINITIONS_KEPT, extra={"code": error.code})
        count(wiring.metrics(), Metric.DEFINITIONS_REFRESH_FAILED)
        outcome, ok = error.code, False
    else:
        wiring.logger().info(LogEvent.DEFINITIONS_REFRESHED, extra={"outcome": outcome})
    _tell(outcome, ok=ok)
    return {"outcome": outcome}


def _tell(outcome: str, *, ok: bool) -> None:
    """The age is told on every run: if it is not, the alarm takes silence for the worst."""
    try:
        age_h = wiring.service().age_h()
        if age_h is not None:
            wiring.gauge_age(age_h)
        wiring.report_health(outcome, ok=ok, age_h=age_h)
    except VezaError as error:
        wiring.logger().exception(LogEvent.RECORD_FAILED, extra={"code": error.code})
