"""Finding messages by words: folded, so that case and accents don't matter.

A query is words and "phrases in quotes"; a message has to have all of them. A word fits where one begins with it, a
phrase where its words stand one after the other.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.domain.errors import InvalidInput

QUERY_MAX: Final = 100
TERMS_MAX: Final = 10
LOOKED_AT_MAX: Final = 1_000
"""Messages of one request; who wants more asks again from there."""
_PARTS: Final = re.compile(r'"([^"]*)"|(\S+)')
_WORDS: Final = re.compile(r"\w+")


def folded_words(text: str) -> tuple[str, ...]:
    """Its words without case and accents (Unicode NFKD, marks removed, case folded)."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return tuple(_WORDS.findall(bare.casefold()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """`prefixes` are single words, `phrases` words in a row."""

    prefixes: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, query: str) -> "Search":
        """Raises InvalidInput(`query_invalid`) for one without words, or with too many."""
        prefixes: list[str] = []
        phrases: list[tuple[str, ...]] = []
        for quoted, plain in _PARTS.findall(query[:QUERY_MAX]):
            if words := folded_words(quoted):
                phrases.append(words)
            prefixes += folded_words(plain)
        if not 1 <= len(prefixes) + len(phrases) <= TERMS_MAX or len(query) > QUERY_MAX:
            problem = f"Search for 1 to {TERMS_MAX} words or phrases, of {QUERY_MAX} characters in all."
            raise InvalidInput(problem, code="query_invalid", field="q")
        return cls(prefixes=tuple(prefixes), phrases=tuple(phrases))

    def finds(self, text: str) -> bool:
        words = folded_words(text)
        has_words = all(any(word.startswith(prefix) for word in words) for prefix in self.prefixes)
        return has_words and all(_in_a_row(phrase, words) for phrase in self.phrases)


def _in_a_row(phrase: Sequence[str], words: Sequence[str]) -> bool:
    count = len(phrase)
    return any(tuple(words[at : at + count]) == tuple(phrase) for at in range(len(words) - count + 1))
