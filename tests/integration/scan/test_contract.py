"""The real clamd keeps what every Scanner promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.messages.definitions import DEFINITIONS_POINTER
from core.telemetry import get_logger
from dev import definitions, tools
from scan.clamav import ClamavScanner
from scan.definitions import PublishedDefinitions
from tests.contract.scanner import ScannerContract
from tests.fakes.clock import FakeClock
from tests.fakes.objects import FakeObjectStore

BUCKET = "definitions"


def a_scanner(store: FakeObjectStore, clock: FakeClock) -> ClamavScanner:
    published = PublishedDefinitions(store, BUCKET)
    return ClamavScanner(str(tools.clamd()), published, max_age_h=48, clock=clock, logger=get_logger("test"))


def published(folder: Path, clock: FakeClock) -> FakeObjectStore:
    """The small set of the local stage, fresh."""
    store = FakeObjectStore()
    built = definitions.build_builtin(folder)
    manifest = definitions.manifest_of(built, "builtin", clock.now())
    for file in manifest.files:
        store.add(BUCKET, file.key, (built / file.name).read_bytes())
    store.add(BUCKET, DEFINITIONS_POINTER, manifest.model_dump_json().encode())
    return store


@pytest.fixture(scope="module")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClamavScanner]:
    """One clamd for all: starting it is the slow part."""
    clock = FakeClock()
    warm = a_scanner(published(tmp_path_factory.mktemp("definitions") / "1", clock), clock)
    yield warm
    warm.close()


class TestClamav(ScannerContract):
    @pytest.fixture
    def broken(self) -> Iterator[ClamavScanner]:
        """Nobody ever published definitions."""
        blind = a_scanner(FakeObjectStore(), FakeClock())
        yield blind
        blind.close()
