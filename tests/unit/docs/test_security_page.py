"""docs/security.md names tests that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "security.md"
NAMED = sorted(set(re.findall(r"`(test_\w+\.py)(?:::(test_\w+))?`", PAGE.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(("file", "test"), NAMED, ids=["::".join(filter(None, named)) for named in NAMED])
def test_a_named_test_is_there(file: str, test: str) -> None:
    found = list((ROOT / "tests").rglob(file))
    assert found
    assert not test or any(f"def {test}(" in path.read_text(encoding="utf-8") for path in found)


def test_every_threat_has_a_test() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"\| [STRIDE] \|", line)]
    assert len(rows) > 30
    assert [row for row in rows if "`test_" not in row] == []
