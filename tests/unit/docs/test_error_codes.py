"""Every code that something answers with is in docs/errors.md, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.errors import FRAMEWORK_CODES, STATUS, status_of
from core.domain import errors
from core.domain.errors import VezaError
from dev.paths import ROOT

ROW = re.compile(r"^\| `(\w+)` \| (\d{3}) \| \S.* \|$", re.MULTILINE)
CLASSES = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, VezaError)]


def told() -> dict[str, int]:
    return {code: int(status) for code, status in ROW.findall((ROOT / "docs" / "errors.md").read_text("utf-8"))}


def said(source: Path) -> Iterator[str]:
    """Codes given by name anywhere in a file."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "code" and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def test_every_code_is_told_and_no_other() -> None:
    sources = [path for part in ("api", "core", "ws") for path in (ROOT / "functions" / part).rglob("*.py")]
    codes = {code for path in sources for code in said(path) if code and code != "None"}
    codes |= {kind.code for kind in CLASSES} | set(FRAMEWORK_CODES.values())
    assert told().keys() == codes


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if kind in STATUS])
def test_statuses_are_those_of_the_code(kind: type[VezaError]) -> None:
    assert told()[kind.code] == status_of(kind.__new__(kind))
