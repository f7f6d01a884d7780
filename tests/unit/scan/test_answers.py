"""What clamd's words mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.verdicts import Verdict
from scan.clamav import verdict_of


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("OK", Verdict.CLEAN),
        ("Eicar-Test-Signature FOUND", Verdict.INFECTED),
        ("Heuristics.Encrypted.Zip FOUND", Verdict.UNSCANNABLE),
        ("Heuristics.Limits.Exceeded.MaxFileSize FOUND", Verdict.UNSCANNABLE),
        ("Heuristics.Phishing.Email FOUND", Verdict.INFECTED),
        ("INSTREAM size limit exceeded. ERROR", Verdict.UNSCANNABLE),
        ("Time limit reached ERROR", Verdict.UNSCANNABLE),
        ("Can't allocate memory ERROR", Verdict.ERROR),
        ("UNKNOWN COMMAND", Verdict.ERROR),
        ("", Verdict.ERROR),
    ],
)
def test_each_answer_has_one_verdict(answer: str, verdict: Verdict) -> None:
    assert verdict_of(answer)[0] is verdict


@given(st.text().filter(lambda text: text != "OK"))
def test_nothing_but_ok_is_clean(answer: str) -> None:
    assert verdict_of(answer)[0] is not Verdict.CLEAN
