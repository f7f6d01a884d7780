"""The real engine's word on a set of definitions, by `clamscan`."""

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.domain.errors import RefreshFailed
from schedules.definitions import samples

UNPROVED: Final = "definitions_unproved"
TIMEOUT_S: Final = 300
"""Loading the official set takes a minute on two cores."""
_FINISHED: Final = frozenset({0, 1})
"""Nothing found, something found; all else means that it did not scan (clamscan's manual)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clamscan:
    program: str
    testfiles: Sequence[Path] = ()
    """ClamAV's own harmless samples, where they are installed."""
    timeout_s: float = TIMEOUT_S

    def prove(self, folder: Path) -> None:
        """They must find EICAR, at least one of ClamAV's test files if there are any, and nothing in clean files.

        Not all test files: which packers are covered is the definitions' business and changes. RefreshFailed, code
        `definitions_unproved`, if they fail.
        """
        with tempfile.TemporaryDirectory(prefix="veza-selftest-") as name:
            infected, clean = samples.write_eicar(Path(name)), samples.write_clean(Path(name))
            found = self._found(folder, [infected, *clean, *self.testfiles])
        if infected not in found:
            raise RefreshFailed("The virus definitions miss EICAR.", code=UNPROVED)
        if self.testfiles and found.isdisjoint(self.testfiles):
            raise RefreshFailed("The virus definitions miss every one of ClamAV's test files.", code=UNPROVED)
        if not found.isdisjoint(clean):
            raise RefreshFailed("The virus definitions find something in clean files.", code=UNPROVED)

    def _found(self, folder: Path, files: list[Path]) -> set[Path]:
        command = [self.program, f"--database={folder}", "--no-summary", *map(str, files)]
        try:
            result = subprocess.run(command, capture_output=True, text=True, timeout=self.timeout_s, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RefreshFailed("The engine did not finish with the new virus definitions.", code=UNPROVED) from error
        if result.returncode not in _FINISHED:
            raise RefreshFailed("The engine does not load the new virus definitions.", code=UNPROVED)
        lines = (line.rsplit(": ", 1)[0] for line in result.stdout.splitlines() if line.endswith(" FOUND"))
        return {Path(line) for line in lines}
