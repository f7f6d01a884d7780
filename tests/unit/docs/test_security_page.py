"""docs/security.md and docs/asvs.md name tests that are there, and leave nothing out."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "security.md"
ASVS = ROOT / "docs" / "asvs.md"
NAMED = sorted(
    named
    for page in (PAGE, ASVS)
    for named in set(re.findall(r"`(test_\w+\.py)(?:::(test_\w+))?`", page.read_text(encoding="utf-8")))
)
LEVEL_2 = {
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.5": 5,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
}  # fmt: skip
"""How many requirements of levels 1 and 2 a section begins with; those of level 3 come after them."""


@pytest.mark.parametrize(("file", "test"), NAMED, ids=["::".join(filter(None, named)) for named in NAMED])
def test_a_named_test_is_there(file: str, test: str) -> None:
    found = list((ROOT / "tests").rglob(file))
    assert found
    assert not test or any(f"def {test}(" in path.read_text(encoding="utf-8") for path in found)


def test_every_threat_has_a_test() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"\| [STRIDE] \|", line)]
    assert len(rows) > 30
    assert [row for row in rows if "`test_" not in row] == []


def test_what_is_met_says_how_it_is_shown() -> None:
    """By a test, or by absence or reading where there is nothing to run."""
    met = re.findall(r"^\| ([\d.]+) \| yes \| .+? \| *(.*?) *\|$", ASVS.read_text(encoding="utf-8"), re.M)
    assert len(met) > 70
    assert [number for number, shown in met if not shown] == []


def test_every_requirement_of_the_chapters_is_answered() -> None:
    rows = re.findall(r"^\| (\d+\.\d+)\.(\d+) \| (yes|partly|no|–) \| (.+?) \|", ASVS.read_text(encoding="utf-8"), re.M)
    assert {(section, int(number)) for section, number, _, _ in rows} == {
        (section, number) for section, last in LEVEL_2.items() for number in range(1, last + 1)
    }
