"""The whole corpus on its way through the deployed pipeline while the tests look at it."""

from collections.abc import Callable

import pytest

from tests import corpus
from tests.corpus import BadSample, Sample
from tests.people import Artist


def arriving() -> list[BadSample]:
    """The bad samples that get as far as storage; an empty file is refused when it is announced."""
    return [bad for bad in corpus.bad() if bad.name != "empty"]


@pytest.fixture(scope="session")
def uploaded(artist: Artist) -> Callable[[str], str]:
    """The track id of a sample by name. All are uploaded at the first call, so that they are worked on in parallel."""
    ids: dict[str, str] = {}

    def track_of(name: str) -> str:
        if not ids:
            everything: list[Sample | BadSample] = [*corpus.good(), *arriving()]
            for sample in everything:
                ids[sample.name] = artist.upload(sample.filename, sample.read())
        return ids[name]

    return track_of
