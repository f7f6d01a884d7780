"""A scanner that finds EICAR, and says what a test tells it to."""

import os
from typing import BinaryIO, Final

from core.domain.ids import EpochSeconds
from core.domain.verdicts import Definitions, Verdict
from core.ports.scanner import EngineAnswer
from tests.fakes.faults import Breakable

EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The industry's harmless test virus (https://www.eicar.org)."""


class FakeScanner(Breakable):
    def __init__(self) -> None:
        self.known = Definitions(version="fake-1", built_at=EpochSeconds(1_800_000_000), signatures=1, source="builtin")
        self.verdict: Verdict | None = None
        """Said of every file while it is set."""
        self.scanned: list[bytes] = []

    def scan(self, file: BinaryIO) -> EngineAnswer:
        self._reach()
        content = os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)
        self.scanned.append(content)
        found = Verdict.INFECTED if EICAR in content else Verdict.CLEAN
        verdict = self.verdict or found
        signature = {Verdict.CLEAN: None, Verdict.INFECTED: "Eicar-Test-Signature"}.get(verdict, verdict.value)
        return EngineAnswer(verdict=verdict, signature=signature, definitions=self.known)

    def definitions(self) -> Definitions:
        self._reach()
        return self.known
