"""Keeps the published virus definitions current: fetch, prove, publish, and only then move the pointer."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from core.domain.errors import RefreshFailed
from schedules.definitions.artifact import PLAIN, Header, headers_of, manifest_of
from schedules.definitions.freshclam import CORRUPT, FORBIDDEN, OUTDATED, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.messages.definitions import DefinitionsManifest
    from core.ports.clock import Clock
    from schedules.definitions.shelf import DefinitionsShelf, Memory

HOUR_S: Final = 3600
TRY_AGAIN_S: Final = HOUR_S
"""ClamAV's mirrors ask for at most one look an hour."""
REST_S: Final = {FORBIDDEN: 24 * HOUR_S}
"""After a refusal that names no time: what freshclam itself would wait."""
REST_IF_UNNAMED_S: Final = 4 * HOUR_S
LONGEST_REST_S: Final = 24 * HOUR_S
"""Half of the age at which scans turn stale: a mirror's word is not allowed to close the door."""
OLDEST_DAILY_S: Final = 7 * 24 * HOUR_S
"""`daily` is built every day. ClamAV itself warns from here on; a copy this old was forgotten."""
DAILY: Final = "daily"


class Updater(Protocol):
    def refresh(self, folder: Path) -> None:
        """Brings the databases in `folder` up to date. Raises RefreshFailed."""
        ...


class Prover(Protocol):
    def prove(self, folder: Path) -> None:
        """Returns if a real engine does with the databases in `folder` what it must. Raises RefreshFailed."""
        ...


class Outcome(StrEnum):
    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    """Nothing new; the pointer says that this was true just now."""
    RESTING = "resting"
    """Too soon after the last try, or the mirror asked for rest."""
    OFF = "off"
    """This stage has no mirror."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionsService:
    shelf: DefinitionsShelf
    updater: Updater | None
    prover: Prover
    clock: Clock

    def age_h(self) -> float | None:
        """Hours since the published definitions were known to be current; None if there are none."""
        current = self.shelf.current()
        return None if current is None else max(0, self.clock.now() - current.built_at) / HOUR_S

    def refresh(self) -> Outcome:
        """One try. RefreshFailed leaves pointer and files as they were; StorageUnavailable as far as it came."""
        if self.updater is None:
            return Outcome.OFF
        memory, now = self.shelf.memory(), self.clock.now()
        if now < max(memory.not_before, memory.tried_at + TRY_AGAIN_S):
            return Outcome.RESTING
        memory = memory.model_copy(update={"tried_at": now})
        self.shelf.remember(memory)  # first: a run that is killed has bothered the mirror all the same
        with _workplace() as folder:
            before = self._seed(folder)
            try:
                self.updater.refresh(folder)
            except Refused as refused:
                self._rest(memory, refused)
                raise
            return self._settle(folder, memory, before)

    def _seed(self, folder: Path) -> dict[str, int]:
        """Puts the published files there, so that only differences are fetched; returns their version numbers.

        Files without a signature have no differences, and freshclam would ask for them by a date we don't keep.
        """
        current = self.shelf.current()
        if current is not None and current.source == "official":
            for file in current.files:
                if Path(file.name).suffix not in PLAIN:
                    self.shelf.fetch(file, folder)
        return {name: header.version for name, header in headers_of(folder).items()}

    def _rest(self, memory: Memory, refused: Refused) -> None:
        asked = refused.retry_after_s
        rest_s = REST_S.get(refused.code, REST_IF_UNNAMED_S) if asked is None else asked
        rest_s = min(max(rest_s, TRY_AGAIN_S), LONGEST_REST_S)
        self.shelf.remember(memory.model_copy(update={"not_before": self.clock.now() + rest_s}))

    def _settle(self, folder: Path, memory: Memory, before: dict[str, int]) -> Outcome:
        headers, started = headers_of(folder), memory.tried_at
        self._check_order(headers, {**memory.databases, **before})
        # Current as of the question, not of the answer: what is built in between is not in it.
        manifest, current = manifest_of(folder, "official", built_at=started), self.shelf.current()
        if not manifest.files:
            raise RefreshFailed("The mirror had no virus definitions.", code=CORRUPT)
        if current is not None and current.built_at > manifest.built_at:
            raise RefreshFailed("Newer virus definitions were published meanwhile.", code=OUTDATED)
        if current is not None and current.version == manifest.version:
            self.shelf.point(manifest)
            return Outcome.UNCHANGED
        self._publish(folder, manifest, current)
        databases = {name: header.version for name, header in headers.items()}
        self.shelf.remember(memory.model_copy(update={"databases": databases}))
        return Outcome.PUBLISHED

    def _check_order(self, headers: dict[str, Header], published: dict[str, int]) -> None:
        for name, version in published.items():
            if name not in headers:
                raise RefreshFailed(f"The mirror has no {name} any more.", code=OUTDATED)
            if headers[name].version < version:
                raise RefreshFailed(f"The mirror's {name} is older than the published one.", code=OUTDATED)
        built_at = headers[DAILY].built_at if DAILY in headers else None
        if built_at is not None and self.clock.now() - built_at > OLDEST_DAILY_S:
            raise RefreshFailed("The mirror has had no new daily for a week.", code=OUTDATED)

    def _publish(self, folder: Path, manifest: DefinitionsManifest, current: DefinitionsManifest | None) -> None:
        self.prover.prove(folder)
        self.shelf.put(manifest, folder)
        self.shelf.point(manifest)
        # Scanners that are loading the previous version go on; those before it nobody has pointed to for hours.
        self.shelf.prune(keep={manifest.version} | ({current.version} if current else set()))


@contextmanager
def _workplace() -> Iterator[Path]:
    work = Path(tempfile.mkdtemp(prefix="veza-definitions-"))
    folder = work / "databases"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(work, ignore_errors=True)
