import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.media import Tags
from transcode.tags import clean, parse


def escaped(text: str) -> str:
    return "".join("\\" + c if c in "=;#\\\n" else c for c in text)


def ffmetadata(**tags: str) -> str:
    return ";FFMETADATA1\n" + "".join(f"{escaped(k)}={escaped(v)}\n" for k, v in tags.items())


@given(st.text(min_size=1, max_size=100))
def test_whatever_a_tag_holds_is_read_back(text: str) -> None:
    assert parse(ffmetadata(title=text, artist="Ada")) == Tags(title=clean(text, 200), artist="Ada")


@given(st.text(max_size=400), st.integers(1, 300))
def test_a_clean_tag_is_short_trimmed_and_printable(text: str, longest: int) -> None:
    tag = clean(text, longest)

    if tag is not None:
        assert 0 < len(tag) <= longest
        assert tag == tag.strip()
        assert not any(unicodedata.category(c) == "Cc" for c in tag)


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("TITLE", "title"),
        ("album_artist", "artist"),
        ("TBPM", "bpm"),
        ("TSRC", "isrc"),
        ("track", "track_number"),
        ("year", "date"),
        ("description", "comment"),
    ],
)
def test_tags_have_other_names_in_other_formats(key: str, field: str) -> None:
    assert parse(ffmetadata(**{key: "x"})) == Tags(**{field: "x"})


def test_the_first_name_wins() -> None:
    assert parse(ffmetadata(album_artist="Various", artist="Ada")).artist == "Ada"


def test_lines_of_a_comment_become_one() -> None:
    assert parse(ffmetadata(comment="one\ntwo\x00 = ; #")).comment == "one two = ; #"


def test_streams_and_chapters_are_not_the_tracks_tags() -> None:
    assert parse(";FFMETADATA1\n[CHAPTER]\ntitle=Intro\n") == Tags()


@pytest.mark.parametrize("text", ["", ";FFMETADATA1", "=\n=x\ntitle\n\\", "title=" + "x" * 300_000])
def test_odd_texts_are_read_for_what_they_hold(text: str) -> None:
    assert len(parse(text).title or "") <= 200
