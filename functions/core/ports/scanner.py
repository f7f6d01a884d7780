"""The engine that looks for malware."""

from dataclasses import dataclass
from typing import BinaryIO, Protocol

from core.domain.verdicts import Definitions, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineAnswer:
    """`signature` names what was found (infected) or why the engine gave up (unscannable, error)."""

    verdict: Verdict
    signature: str | None
    definitions: Definitions


class Scanner(Protocol):
    """A warm virus scanner. Raises ScannerUnavailable if it can't answer; never says CLEAN by default."""

    def scan(self, file: BinaryIO) -> EngineAnswer:
        """Scans by descriptor (`file.fileno()`), open for reading and writing, from the start, without copying. Its
        first bytes may be others meanwhile."""
        ...

    def definitions(self) -> Definitions: ...
