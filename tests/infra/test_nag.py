"""cdk-nag's AwsSolutions pack on the stage `aws`: nothing unexpected, nothing accepted in vain."""

import json
import re
from pathlib import Path

import pytest
from aws_cdk import Validations
from cdk_nag import AwsSolutionsChecks

from infra.nag import ACCEPTED, Accepted
from tests.infra.synthesis import app_of

Finding = tuple[str, str]


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """Rule id and construct path of everything the pack has to say."""
    work = tmp_path_factory.mktemp("nag")
    app = app_of("aws", work)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    return _read(work / "assembly" / "validation-report.json")


def test_every_finding_is_accepted_for_a_reason(findings: list[Finding]) -> None:
    assert [found for found in findings if not any(_covers(entry, found) for entry in ACCEPTED)] == []


@pytest.mark.parametrize("entry", ACCEPTED, ids=lambda entry: entry.finding)
def test_nothing_is_accepted_in_vain(entry: Accepted, findings: list[Finding]) -> None:
    assert any(_covers(entry, found) for found in findings)


def _covers(entry: Accepted, found: Finding) -> bool:
    return bool(re.fullmatch(entry.finding, found[0]) and re.fullmatch(entry.where, found[1]))


def _read(report: Path) -> list[Finding]:
    (pack,) = [p for p in json.loads(report.read_text())["pluginReports"] if "AwsSolutions" in p["pluginName"]]
    return [(v["ruleName"], c["constructPath"]) for v in pack["violations"] for c in v["violatingConstructs"]]
