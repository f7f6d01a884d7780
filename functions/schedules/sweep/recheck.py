"""When the virus definitions change, what passed the scan in the last days is put to it once more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from pydantic import ValidationError

from core.domain.errors import ObjectGone, StorageUnavailable
from core.domain.ids import EpochSeconds
from core.domain.limits import MIB
from core.messages.definitions import DEFINITIONS_POINTER, DefinitionsManifest
from core.store.recheck_log import RecheckRun

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import BaseModel

    from core.ports.clock import Clock
    from core.ports.messaging import Queue
    from core.ports.storage import ObjectStore
    from core.store.recheck_log import RecheckLog

DAY_S: Final = 24 * 3600
DAYS: Final = 8
"""Calendar days that cover seven times 24 hours. New malware is known to ClamAV within days, seldom later."""
LIMIT: Final = 500
"""Requests of one sweep: new uploads wait behind them in the queue, so they come in portions."""
SETTLE_S: Final = 600
"""A scan that began with the old definitions has ended by then (its function's time-out), and warm scanners look at the
pointer every ten seconds: what was promoted meanwhile is asked for, too."""


class Passed(Protocol):
    """Tracks, or attachments."""

    def scanned_on(self, at: EpochSeconds, *, after: str | None, limit: int) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckAsker:
    """Of one kind of things; `request` makes the message that asks for one of them, by its id."""

    passed: Passed
    request: Callable[[str], BaseModel]
    log: RecheckLog
    objects: ObjectStore
    scan_queue: Queue
    clock: Clock
    definitions_bucket: str

    def ask(self) -> int:
        """Goes on asking where the last sweep stopped; returns for how many. Raises Unavailable.

        What was sent but not noted is asked for again, which costs a scan and changes nothing.
        """
        version = self._published_version()
        if version is None:
            return 0
        now, run = self.clock.now(), self.log.get()
        if run is None or run.version != version:
            self.log.save(RecheckRun(version=version, since=now))
            return 0
        return 0 if now - run.since < SETTLE_S else self._ask(run)

    def _ask(self, run: RecheckRun) -> int:
        asked = 0
        while run.days_done < DAYS and asked < LIMIT:
            # From the day on which scanners had settled: that may be the one after the change.
            day, limit = EpochSeconds(run.since + SETTLE_S - run.days_done * DAY_S), LIMIT - asked
            found = self.passed.scanned_on(day, after=run.after, limit=limit)
            for each in found:
                self.scan_queue.send(self.request(each).model_dump_json())
            asked += len(found)
            if len(found) < limit:
                run = replace(run, days_done=run.days_done + 1, after=None)
            else:
                run = replace(run, after=found[-1])
            self.log.save(run)
        return asked

    def _published_version(self) -> str | None:
        """None while there are no definitions; the scan says so by itself."""
        try:
            info = self.objects.head(self.definitions_bucket, DEFINITIONS_POINTER)
            text = self.objects.read_range(info.object, 0, min(info.size_bytes, MIB))
            return DefinitionsManifest.model_validate_json(text).version
        except ObjectGone:
            return None
        except ValidationError as broken:
            raise StorageUnavailable("The pointer to the virus definitions is broken.") from broken
