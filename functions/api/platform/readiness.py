"""Whether Veza can do its main job now, part by part, and which part can't."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from core.domain.errors import NotFound, ObjectGone, VezaError
from core.domain.ids import AccountId, EpochSeconds, SessionId, UploadId, new_id
from core.messages.definitions import DEFINITIONS_POINTER, DefinitionsManifest
from core.ports.clock import Clock
from core.ports.storage import ObjectStore

if TYPE_CHECKING:
    from core.store.health import HealthRepository
    from core.store.sessions import SessionRepository
    from core.store.uploads import UploadRepository

KEEP_S: Final = 5
"""How long an answer is given again: probes are frequent, and must not become load."""
SCAN_REPORT_FRESH_S: Final = 3600
"""A bad report of the scan counts so long. Tracks that wait are scanned again sooner, so a lasting fault is
reported again; without any, nobody would ever take an old complaint back."""
_NO_SUCH_PREFIX: Final = "readyz/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    name: str
    ok: bool
    detail: str


class NotReady(Exception):
    """A part answers, and says that it can't work."""


@dataclass(slots=True, kw_only=True)
class ReadinessService:
    sessions: SessionRepository
    uploads: UploadRepository
    health: HealthRepository
    objects: ObjectStore
    buckets: Mapping[str, str]
    """Name of the check → bucket."""
    definitions_bucket: str
    definitions_max_age_h: int
    clock: Clock
    _last: tuple[EpochSeconds, list[Check]] | None = field(default=None, init=False)

    def checks(self) -> list[Check]:
        """Every part's state, at most KEEP_S old; asks all of them even after one failed."""
        now = self.clock.now()
        if self._last is not None and 0 <= now - self._last[0] < KEEP_S:
            return self._last[1]
        probes: dict[str, Callable[[], str]] = {
            "accounts": self._accounts,
            "catalogue": self._catalogue,
            **{name: self._bucket_probe(bucket) for name, bucket in self.buckets.items()},
            "definitions": self._definitions,
            "scan": self._scan,
        }
        found = [_checked(name, probe) for name, probe in probes.items()]
        self._last = (now, found)
        return found

    def _accounts(self) -> str:
        self.sessions.get(AccountId(new_id()), SessionId(new_id()))
        return "answers"

    def _catalogue(self) -> str:
        with suppress(NotFound):  # nobody has that id, so this is the table's answer
            self.uploads.get(UploadId(new_id()))
        return "answers"

    def _bucket_probe(self, bucket: str) -> Callable[[], str]:
        def probe() -> str:
            next(iter(self.objects.list_keys(bucket, _NO_SUCH_PREFIX)), None)
            return "answers"

        return probe

    def _definitions(self) -> str:
        try:
            info = self.objects.head(self.definitions_bucket, DEFINITIONS_POINTER)
            text = self.objects.read_range(info.object, 0, info.size_bytes)
        except ObjectGone as gone:
            raise NotReady("no virus definitions are published, so uploads wait") from gone
        try:
            manifest = DefinitionsManifest.model_validate_json(text)
        except ValidationError as broken:
            raise NotReady("the pointer to the virus definitions can't be read") from broken
        age_h = (self.clock.now() - manifest.built_at) / 3600
        said = f"{manifest.source} {manifest.version}, {manifest.signatures} signatures, {age_h:.0f} h old"
        if age_h > self.definitions_max_age_h:
            raise NotReady(f"{said}: older than {self.definitions_max_age_h} h, so uploads wait")
        return said

    def _scan(self) -> str:
        report = self.health.get("scan")
        if report is None:
            return "has not run yet"
        age_s = self.clock.now() - report.at
        said = f"{report.detail} ({age_s // 60} min ago)"
        if not report.ok and age_s <= SCAN_REPORT_FRESH_S:
            raise NotReady(said)
        return said


def _checked(name: str, probe: Callable[[], str]) -> Check:
    try:
        return Check(name=name, ok=True, detail=probe())
    except NotReady as fault:
        return Check(name=name, ok=False, detail=str(fault))
    except VezaError as fault:
        return Check(name=name, ok=False, detail=fault.detail)
