"""The real clamd: what it finds, and that nothing passes while it is dead, hung, blind or out of date."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.domain.errors import ScannerUnavailable, StorageUnavailable
from core.domain.verdicts import Verdict
from core.messages.definitions import DEFINITIONS_POINTER
from core.ports.scanner import EngineAnswer
from core.telemetry import get_logger
from dev import definitions, tools
from scan import clamav
from scan.clamav import ClamavScanner
from scan.definitions import PublishedDefinitions
from tests import corpus
from tests.fakes.clock import FakeClock
from tests.fakes.objects import FakeObjectStore
from tests.fakes.publisher import BUCKET, Publisher

MAX_AGE_H = 48


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def publisher(tmp_path: Path, clock: FakeClock) -> Publisher:
    return Publisher(tmp_path, clock)


def a_scanner(publisher: Publisher, clock: FakeClock) -> ClamavScanner:
    return ClamavScanner(
        str(tools.clamd()),
        PublishedDefinitions(publisher.store, BUCKET),
        max_age_h=MAX_AGE_H,
        clock=clock,
        logger=get_logger("test"),
    )


@pytest.fixture
def scanner(publisher: Publisher, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClamavScanner]:
    """A scanner of this test's own, which looks at the pointer every time."""
    monkeypatch.setattr(clamav, "POINTER_CHECK_S", -1)
    own = a_scanner(publisher, clock)
    yield own
    own.close()


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory, clock: FakeClock) -> Iterator[ClamavScanner]:
    """One scanner for all tests that only ask it."""
    publisher = Publisher(tmp_path_factory.mktemp("definitions"), clock)
    publisher.publish()
    shared = a_scanner(publisher, clock)
    yield shared
    shared.close()


def asked(scanner: ClamavScanner, path: Path) -> EngineAnswer:
    with path.open("rb") as file:
        return scanner.scan(file)


def asked_of(scanner: ClamavScanner, content: bytes) -> EngineAnswer:
    with os.fdopen(os.memfd_create("asked"), "w+b", buffering=0) as file:
        file.write(content)
        return scanner.scan(file)


@pytest.mark.parametrize("path", tools.clamav_testfiles(), ids=lambda path: path.name)
def test_fault_13_every_file_of_clamav_testfiles_is_found(warm: ClamavScanner, path: Path) -> None:
    assert asked(warm, path).verdict is Verdict.INFECTED


@pytest.mark.parametrize("name", ["eicar", "eicar-zip", "eicar-behind-wav", "testfile-exe", "testfile-7z"])
def test_fault_13_malware_is_found_however_it_is_wrapped(warm: ClamavScanner, name: str) -> None:
    answer = asked(warm, corpus.bad_sample(name).path)

    assert answer.verdict is Verdict.INFECTED
    assert answer.signature


def test_fault_13_an_encrypted_archive_is_unscannable(warm: ClamavScanner) -> None:
    assert asked(warm, corpus.bad_sample("encrypted-zip").path).verdict is Verdict.UNSCANNABLE


def test_fault_13_a_file_past_the_limits_is_unscannable(warm: ClamavScanner, tmp_path: Path) -> None:
    sparse = tmp_path / "huge.wav"
    with sparse.open("wb") as file:
        file.truncate(2**31)

    assert asked(warm, sparse).verdict is Verdict.UNSCANNABLE


def test_accepted_audio_is_clean(warm: ClamavScanner) -> None:
    assert {asked_of(warm, sample.read()).verdict for sample in corpus.good()} == {Verdict.CLEAN}


def test_it_tells_which_definitions_it_used(scanner: ClamavScanner, publisher: Publisher) -> None:
    manifest = publisher.publish()

    answer = asked_of(scanner, b"harmless")

    assert answer.definitions == scanner.definitions()
    assert answer.definitions.version == manifest.version


def test_a_deep_temp_folder_does_not_make_the_socket_unreachable(
    scanner: ClamavScanner, publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("deep" * 30)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    publisher.publish()

    assert asked_of(scanner, corpus.eicar()).verdict is Verdict.INFECTED


def test_fault_14_killed_clamd_is_started_again(scanner: ClamavScanner, publisher: Publisher) -> None:
    publisher.publish()
    asked_of(scanner, b"harmless")
    signal_clamd(scanner, signal.SIGKILL)

    assert asked_of(scanner, corpus.eicar()).verdict is Verdict.INFECTED


def test_fault_14_hung_clamd_is_given_up_and_replaced(
    scanner: ClamavScanner, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.publish()
    asked_of(scanner, b"harmless")
    hung = signal_clamd(scanner, signal.SIGSTOP)
    monkeypatch.setattr(clamav, "SCAN_TIMEOUT_S", 0.3)

    with pytest.raises(ScannerUnavailable):
        asked_of(scanner, b"harmless")

    monkeypatch.setattr(clamav, "SCAN_TIMEOUT_S", 10)
    assert asked_of(scanner, corpus.eicar()).verdict is Verdict.INFECTED
    assert not Path(f"/proc/{hung}").exists()


def test_fault_14_without_definitions_nothing_is_clean(scanner: ClamavScanner) -> None:
    with pytest.raises(ScannerUnavailable, match="no virus definitions"):
        asked_of(scanner, b"harmless")


def test_fault_14_definitions_that_were_withdrawn_close_the_door(scanner: ClamavScanner, publisher: Publisher) -> None:
    publisher.publish()
    asked_of(scanner, b"harmless")
    publisher.store.delete_prefix(BUCKET, "definitions/")

    with pytest.raises(ScannerUnavailable, match="no virus definitions"):
        asked_of(scanner, b"harmless")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda store, key: store.add(BUCKET, key, b"something else"), id="changed"),
        pytest.param(lambda store, key: store.delete_prefix(BUCKET, key), id="missing"),
        pytest.param(lambda store, key: store.add(BUCKET, DEFINITIONS_POINTER, b"{"), id="broken-pointer"),
    ],
)
def test_fault_14_corrupt_definitions_are_not_used(
    scanner: ClamavScanner, publisher: Publisher, spoil: Callable[[FakeObjectStore, str], object]
) -> None:
    spoil(publisher.store, publisher.publish().files[0].key)

    with pytest.raises(ScannerUnavailable):
        asked_of(scanner, b"harmless")


def test_fault_14_definitions_that_clamd_refuses_are_not_used(scanner: ClamavScanner, publisher: Publisher) -> None:
    publisher.publish(extra="this is no signature\n")

    with pytest.raises(ScannerUnavailable, match="ended while starting"):
        asked_of(scanner, b"harmless")


def test_fault_14_definitions_that_miss_eicar_are_not_used(scanner: ClamavScanner, publisher: Publisher) -> None:
    publisher.publish(eicar=False)

    with pytest.raises(ScannerUnavailable, match="self-test"):
        asked_of(scanner, b"harmless")


def test_new_definitions_are_loaded_when_the_pointer_moves(scanner: ClamavScanner, publisher: Publisher) -> None:
    first = publisher.publish()
    assert asked_of(scanner, b"a brand-new threat").verdict is Verdict.CLEAN

    manifest = publisher.publish(extra=f"Brand.New:0:*:{b'a brand-new threat'.hex()}\n")

    answer = asked_of(scanner, b"a brand-new threat")
    assert answer.verdict is Verdict.INFECTED
    assert answer.definitions.version == manifest.version

    publisher.store.add(BUCKET, DEFINITIONS_POINTER, first.model_dump_json().encode())
    assert asked_of(scanner, b"a brand-new threat").verdict is Verdict.CLEAN, "back, as forward"


@pytest.mark.parametrize("bad", ["refused", "blind", "changed"])
def test_fault_14_bad_new_definitions_leave_the_previous_in_place(
    scanner: ClamavScanner, publisher: Publisher, bad: str
) -> None:
    good = publisher.publish()
    asked_of(scanner, b"harmless")
    new = publisher.publish(extra="nonsense\n" if bad == "refused" else "A:0:*:aabbccddee\n", eicar=bad != "blind")
    if bad == "changed":
        publisher.store.add(BUCKET, new.files[0].key, b"something else")

    for _ in range(2):
        answer = asked_of(scanner, corpus.eicar())
        assert answer.verdict is Verdict.INFECTED
        assert answer.definitions.version == good.version


def test_storage_that_is_away_does_not_stop_a_warm_scanner(scanner: ClamavScanner, publisher: Publisher) -> None:
    publisher.publish()
    asked_of(scanner, b"harmless")
    publisher.store.fault = StorageUnavailable("down")

    assert asked_of(scanner, b"harmless").verdict is Verdict.CLEAN


def test_fault_14_old_definitions_say_stale_and_never_clean(
    scanner: ClamavScanner, publisher: Publisher, clock: FakeClock
) -> None:
    publisher.publish()
    asked_of(scanner, b"harmless")
    clock.advance(MAX_AGE_H * 3600 + 1)
    try:
        assert asked_of(scanner, b"harmless").verdict is Verdict.STALE
        assert asked_of(scanner, corpus.eicar()).verdict is Verdict.INFECTED
        publisher.publish()
        assert asked_of(scanner, b"harmless").verdict is Verdict.CLEAN
    finally:
        clock.advance(-MAX_AGE_H * 3600 - 1)


def test_clamd_dies_with_the_worker_that_was_killed(tmp_path: Path) -> None:
    database = definitions.build_builtin(tmp_path / "db")
    program = (
        "import sys, time; from pathlib import Path; from scan.clamd import Clamd\n"
        f"database, folder = Path({str(database)!r}), Path({str(tmp_path / 'clamd')!r})\n"
        f"daemon = Clamd({str(tools.clamd())!r}, database=database, folder=folder, signatures=1)\n"
        "daemon.wait_ready(60); print(daemon._process.pid, flush=True); time.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment) as worker:
        assert worker.stdout is not None
        group = int(worker.stdout.readline())
        assert group_members(group)
        worker.kill()

    deadline = time.monotonic() + 10
    while group_members(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert group_members(group) == []


def signal_clamd(scanner: ClamavScanner, number: signal.Signals) -> int:
    """Sends it to clamd and its guard; returns their group."""
    engine = scanner._engine
    assert engine is not None
    process = engine.daemon._process
    os.killpg(process.pid, number)
    if number is signal.SIGKILL:
        process.wait(10)
    return process.pid


def group_members(group: int) -> list[int]:
    """Processes of the group that are not just waiting to be reaped."""
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, found = stat.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(found) == group and state != "Z":
            members.append(int(stat.parent.name))
    return members
