"""Every hour → has every account erased whose time is over; those of an hour ago that are still there, once more."""

from typing import Final

from core.telemetry import LogEvent
from schedules.closings import wiring

LIMIT: Final = 500
"""So many a run; the rest is still due in the next."""


def handler(_event: object, _context: object) -> dict[str, int]:
    """How many erasures were asked for."""
    closings, now = wiring.closings(), wiring.clock().now()
    due = closings.due(now, limit=LIMIT)
    for account_id in due:
        closings.announce(account_id, now)
    wiring.logger().info(LogEvent.ERASURES_ASKED, extra={"accounts": len(due)})
    return {"asked": len(due)}
