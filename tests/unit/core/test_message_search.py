"""Messages by words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidInput
from core.domain.message_search import QUERY_MAX, Search, folded_words

WORDS = st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("hello", "Hello, Bob.", True),
        ("hel", "Hello, Bob.", True),
        ("ello", "Hello, Bob.", False),
        ("bob hello", "Hello, Bob.", True),
        ("bob goodbye", "Hello, Bob.", False),
        ("cafe", "Ein Café in Straßburg", True),
        ("STRASSBURG", "Ein Café in Straßburg", True),
        ('"night drive"', "The Night Drive mix", True),
        ('"drive night"', "The Night Drive mix", False),
        ('"night dri"', "The Night Drive mix", False),
        ('mix "night drive"', "The Night Drive mix", True),
        ("🎧", "x", None),
        ("  ", "x", None),
        ('""', "x", None),
        ("a " * 11, "a", None),
    ],
)
def test_what_is_found(query: str, text: str, found: bool | None) -> None:
    if found is None:
        with pytest.raises(InvalidInput) as caught:
            Search.of(query)
        assert caught.value.code == "query_invalid"
    else:
        assert Search.of(query).finds(text) is found


def test_a_query_that_is_too_long() -> None:
    Search.of("x" * QUERY_MAX)
    with pytest.raises(InvalidInput):
        Search.of("x" * (QUERY_MAX + 1))


@given(st.lists(WORDS, min_size=1, max_size=8), st.data())
def test_every_word_and_every_stretch_of_a_text_finds_it(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    folded = folded_words(text)
    if not folded:
        return
    word = data.draw(st.sampled_from(folded))
    assert Search.of(word[: data.draw(st.integers(1, len(word)))]).finds(text)
    start = data.draw(st.integers(0, len(folded) - 1))
    end = data.draw(st.integers(start + 1, len(folded)))
    phrase = " ".join(folded[start:end])
    if len(phrase) <= QUERY_MAX - 2:
        assert Search.of(f'"{phrase}"').finds(text)


@given(st.text(max_size=200), st.text(max_size=QUERY_MAX))
def test_nothing_breaks_it(text: str, query: str) -> None:
    try:
        search = Search.of(query)
    except InvalidInput:
        return
    assert search.finds(text) in {True, False}
