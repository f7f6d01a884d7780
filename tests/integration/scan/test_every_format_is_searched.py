"""clamd passes some formats unread: whatever we take as audio is searched to its last byte all the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dev import definitions, tools
from scan.clamav import verdict_of
from scan.clamd import ONE_MATCHER_MAX_SIGNATURES, Clamd
from scan.spool import spooled
from tests import corpus
from tests.corpus import Sample
from tests.fakes.objects import FakeObjectStore


@pytest.fixture(scope="module", params=[1, ONE_MATCHER_MAX_SIGNATURES + 1], ids=["one-matcher", "both-matchers"])
def clamd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clamd]:
    """With the matchers that few signatures get, and with those of many."""
    folder = tmp_path_factory.mktemp("clamd")
    database = definitions.build_builtin(folder / "db")
    daemon = Clamd(str(tools.clamd()), database=database, folder=folder / "run", signatures=request.param)
    daemon.wait_ready(60)
    yield daemon
    daemon.stop()


def answer_to(clamd: Clamd, content: bytes) -> str:
    store = FakeObjectStore()
    store.add("uploads", "a", content)
    with spooled(store, store.head("uploads", "a"), lambda _: None) as spool:
        return clamd.scan_descriptor(spool.file.fileno(), 60)


@pytest.mark.parametrize("sample", corpus.good(), ids=lambda sample: sample.name)
def test_fault_13_malware_behind_audio_of_any_format_is_found(clamd: Clamd, sample: Sample) -> None:
    assert answer_to(clamd, sample.read()) == "OK"
    assert answer_to(clamd, sample.read() + corpus.eicar()) == "Eicar-Test-Signature.UNOFFICIAL FOUND"


@pytest.mark.parametrize("path", tools.clamav_testfiles(), ids=lambda path: path.name)
def test_fault_13_every_test_file_is_found_by_either_set_of_matchers(clamd: Clamd, path: Path) -> None:
    assert verdict_of(answer_to(clamd, path.read_bytes()))[0] == "infected"
