"""Advisories: what is found is told, and silence is never taken for a clean bill."""

import json
from typing import Any

import pytest

from dev import audit
from dev.audit import Answer, Finding


def answers(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    monkeypatch.setattr(audit, "_asked", lambda _command: answer)


def test_a_vulnerable_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        "dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}]}, {"name": "b", "version": "2"}]
    }
    answers(monkeypatch, found)
    assert audit.of_python("x.lock") == Answer([Finding("a 1", "PYSEC-1")])
    answers(monkeypatch, {"vulnerabilities": {"left-pad": {"severity": "high"}}})
    assert audit.of_npm() == Answer([Finding("left-pad", "high")])


@pytest.mark.parametrize("answer", [None, {}, {"message": "405"}])
def test_nobody_to_ask_is_not_clean(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    answers(monkeypatch, answer)
    assert audit.of_python("x.lock") is None
    assert audit.of_npm() is None


def test_what_was_found_fails_the_check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(audit, "of_python", lambda _lock: None)
    monkeypatch.setattr(audit, "of_npm", lambda: Answer([Finding("left-pad", "high")]))
    assert not audit.audit()
    said = capsys.readouterr().out
    assert "not compared" in said
    assert "left-pad: high" in said


def test_a_package_that_nobody_knows_is_not_clean(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As where the index of packages is a mirror, without its advisories."""
    unknown = {"name": "a", "skip_reason": "Dependency not found on PyPI"}
    answers(monkeypatch, {"dependencies": [unknown]})
    assert audit.of_python("x.lock") is None
    answers(monkeypatch, {"dependencies": [unknown, {"name": "b", "version": "2", "vulns": []}]})
    assert audit.of_python("x.lock") == Answer([], unknown=1)
    monkeypatch.setattr(audit, "of_npm", lambda: None)
    assert audit.audit()
    said = capsys.readouterr().out
    assert "1 packages not compared" in said
    assert "no advisory" not in said


def test_who_takes_too_long_has_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "TIMEOUT_S", 0.01)
    assert audit._asked(["sleep", "5"]) is None


def test_what_is_no_answer_is_none() -> None:
    assert audit._asked(["python3", "-c", "print('<html>')"]) is None
    assert audit._asked(["python3", "-c", f"print({json.dumps(json.dumps([1]))})"]) is None
