"""Looks at an object once, with everything we have: clamd, its hash and its structure, side by side."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from core.domain.errors import ScannerUnavailable
from scan.decision import Promotion, Refusal, asked, decide, verdict_of
from scan.spool import sha256_of, spooled

if TYPE_CHECKING:
    from core.domain.tracks import StoredObject
    from core.domain.verdicts import ScanVerdict
    from core.ports.clock import Clock
    from core.ports.scanner import Scanner
    from core.ports.storage import ObjectInfo, ObjectStore
    from scan.decision import Announced
    from scan.health import ScanHealth
    from scan.sniff.source import Data

FactsT = TypeVar("FactsT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    store: ObjectStore
    scanner: Scanner
    health: ScanHealth
    clock: Clock

    def examine(
        self,
        info: ObjectInfo,
        announced: Announced,
        sniff: Callable[[Data, str], FactsT],
        *,
        on_progress: Callable[[int], None] = lambda _done: None,
        on_read: Callable[[], None] = lambda: None,
    ) -> Promotion[FactsT] | Refusal:
        """Raises ObjectGone, and Unavailable if nothing can be decided now.

        clamd works in a process of its own: meanwhile the bytes are hashed and the container is walked here. The hash
        comes first, as it leaves the GIL to whoever hands the file to clamd; the sniffer would not.
        """
        try:
            with spooled(self.store, info, on_progress) as spool:
                on_read()
                with spool.mapped() as data, ThreadPoolExecutor(max_workers=1) as beside:
                    hashing, sniffing = beside.submit(sha256_of, data), beside.submit(sniff, data, announced.filename)
                    answer, now = asked(self.scanner, spool), self.clock.now()
                    decision = decide(
                        spool, answer, hashing.result(), sniffing.result, info=info, announced=announced, now=now
                    )
        except ScannerUnavailable as fault:
            self.health.is_down(fault.detail)
            raise
        self.health.works(answer.definitions)
        return decision

    def verdict_on(self, stored: StoredObject) -> ScanVerdict:
        """Of what was looked at before, with today's definitions. Raises ObjectGone, Unavailable."""
        info = self.store.head(stored.bucket, stored.key, stored.version_id)
        with (
            spooled(self.store, info, lambda _done: None) as spool,
            spool.mapped() as data,
            ThreadPoolExecutor(max_workers=1) as beside,
        ):
            hashing = beside.submit(sha256_of, data)
            return verdict_of(info, asked(self.scanner, spool), hashing.result(), self.clock.now())
