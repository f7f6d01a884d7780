"""`.veza/outputs.json`: what the rest of the world needs to know about the running stack."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dev import stack
from dev.paths import OUTPUTS
from dev.problem import Problem


def write_outputs(known: Mapping[str, object], outputs: stack.Outputs, path: Path = OUTPUTS) -> None:
    """Replaces the file in one go: readers never see half of it. Stack outputs stand beside the addresses."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps({**stack.flat(outputs), **known, "stacks": outputs}, indent=2) + "\n")
    draft.replace(path)


def read_outputs(path: Path = OUTPUTS) -> dict[str, Any]:
    """What `make up` wrote; a Problem if it has not run yet."""
    try:
        outputs: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        raise Problem("Nothing is deployed here yet.", hint="Run `make up`.") from None
    return outputs
