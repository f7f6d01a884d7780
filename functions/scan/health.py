"""What the scan says of itself to `/readyz` and `make status`."""

from dataclasses import dataclass, field
from typing import Final

from core.domain.ids import EpochSeconds
from core.domain.verdicts import Definitions
from core.ports.clock import Clock
from core.store.health import HealthReport, HealthRepository

PART: Final = "scan"
REPEAT_S: Final = 60
"""A good report is repeated at most this often; a bad one is always written."""


@dataclass(slots=True, kw_only=True)
class ScanHealth:
    repository: HealthRepository
    clock: Clock
    _good_since: EpochSeconds | None = field(default=None, init=False)

    def works(self, definitions: Definitions) -> None:
        now = self.clock.now()
        if self._good_since is not None and now - self._good_since < REPEAT_S:
            return
        self._report(ok=True, detail="scans", definitions=definitions)
        self._good_since = now

    def is_down(self, detail: str, definitions: Definitions | None = None) -> None:
        """`detail` is a sentence for people: why nothing passes now."""
        self._good_since = None
        self._report(ok=False, detail=detail, definitions=definitions)

    def _report(self, *, ok: bool, detail: str, definitions: Definitions | None) -> None:
        facts: dict[str, str | int] = {}
        if definitions is not None:
            facts = {
                "definitions_version": definitions.version,
                "definitions_built_at": definitions.built_at,
                "signatures": definitions.signatures,
                "source": definitions.source,
            }
        self.repository.report(HealthReport(part=PART, ok=ok, detail=detail, facts=facts, at=self.clock.now()))
