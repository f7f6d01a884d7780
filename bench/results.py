"""Where measurements lie: the committed ones in bench/results, those of a quick run below .veza."""

import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import machine
from dev.paths import HOME, ROOT

Document = dict[str, Any]
COMMITTED: Final = ROOT / "bench" / "results"
DOCUMENT: Final = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Results:
    """One file a bench. `quick` ones prove that the benches work, and nothing else."""

    quick: bool

    @property
    def folder(self) -> Path:
        return HOME / "bench" if self.quick else COMMITTED

    @property
    def report(self) -> Path:
        return HOME / "bench" / "benchmarks.md" if self.quick else DOCUMENT

    def save(self, name: str, document: Document) -> None:
        """With the day and the machine, which make the numbers mean something."""
        today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
        whole = {"measured": today, "machine": machine.described(), **document}
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{name}.json").write_text(json.dumps(whole, indent=2) + "\n")

    def load(self, name: str) -> Document | None:
        """None if that was not measured yet."""
        try:
            found: Document = json.loads((self.folder / f"{name}.json").read_text())
        except FileNotFoundError:
            return None
        return found
