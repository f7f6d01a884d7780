"""Letters say what happened in words, in text and HTML, and no title can turn into a header or into markup."""

from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.mail import letters
from consumers.mail.letters import Letter
from core.domain.reasons import MESSAGES, ReasonCode

APP = "https://veza.example"


def a_letter(title: str, reason: str = "infected") -> Letter:
    return letters.track_rejected(username="ada", title=title, reason=reason, app_url=APP)


class Markup(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words = ""
        self.links: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_welcome_carries_link_and_bare_token() -> None:
    letter = letters.welcome(username="ada", token="t-0_k", app_url=APP)
    assert f"{APP}/#/verify?token=t-0_k\n" in letter.text
    assert "code where you are asked for it: t-0_k" in letter.text
    markup = Markup(letter.html)
    assert markup.links == [f"{APP}/#/verify?token=t-0_k"]
    assert "t-0_k" in markup.words
    assert "24 hours" in letter.text


@pytest.mark.parametrize("reason", list(ReasonCode))
def test_every_reason_is_told_in_words(reason: ReasonCode) -> None:
    for write in (letters.track_rejected, letters.track_failed):
        letter = write(username="ada", title="First Light", reason=reason, app_url=APP)
        assert MESSAGES[reason] in letter.text
        assert MESSAGES[reason] in Markup(letter.html).words
        assert "First Light" in letter.subject


def test_a_reason_newer_than_this_code_still_makes_a_letter() -> None:
    assert "unexpected" in a_letter("First Light", "from_tomorrow").text


def test_a_ready_track_is_named() -> None:
    letter = letters.track_ready(username="ada", title="First Light", app_url=APP)
    assert letter.subject == "“First Light” is ready"
    assert APP in letter.text


@given(st.text())
@pytest.mark.parametrize("write", [a_letter, lambda t: letters.track_ready(username="ada", title=t, app_url=APP)])
def test_no_title_becomes_a_header_or_markup(write: object, title: str) -> None:
    assert callable(write)
    letter = write(title)
    assert len(letter.subject.splitlines()) == 1
    EmailMessage()["Subject"] = letter.subject  # refuses line breaks
    assert Markup(letter.html).tags == {"html", "body", "p", "a"}
    assert Markup(letter.html).links == [APP]


def test_a_header_in_a_title_stays_in_the_subject() -> None:
    assert a_letter("x\r\nBcc: eve@example.com").subject == "“x Bcc: eve@example.com” could not be accepted"


def test_a_long_title_is_cut_in_the_subject_alone() -> None:
    letter = a_letter("long " * 40)
    assert len(letter.subject) < 120
    assert "…" in letter.subject
    assert ("long " * 40).strip() in letter.text
