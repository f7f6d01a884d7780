"""The refresh of the definitions with the real freshclam and clamscan, against a mirror that misbehaves on request."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.domain.errors import RefreshFailed, StoreUnavailable
from core.messages.definitions import DEFINITIONS_POINTER, DefinitionsManifest
from core.store.health import HealthRepository
from dev import definitions, tools
from schedules.definitions import handler, wiring
from schedules.definitions.clamscan import Clamscan
from schedules.definitions.freshclam import Freshclam
from schedules.definitions.mirror import mirror_of
from schedules.definitions.service import DefinitionsService, Outcome
from schedules.definitions.shelf import DefinitionsShelf
from tests.fakes.clock import FakeClock
from tests.fakes.mirror import Mirror, running_mirror
from tests.fakes.objects import FakeObjectStore

BUCKET = "definitions"
HOUR = 3600
NEWS = b"Brand.New:0:*:6120627261" + b"6e642d6e657720746872656174\n"

Misbehave = Callable[[Mirror], object]


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    """With the builtin set."""
    with running_mirror() as running:
        running.files = {path.name: path.read_bytes() for path in definitions.build_builtin(tmp_path).iterdir()}
        yield running


@pytest.fixture
def store() -> FakeObjectStore:
    return FakeObjectStore()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def refresher(mirror: Mirror, store: FakeObjectStore, clock: FakeClock, setting: str = "") -> DefinitionsService:
    """Patient, unless the mirror is one that will never answer."""
    where = mirror_of(setting or mirror.setting())
    assert where is not None
    return DefinitionsService(
        shelf=DefinitionsShelf(store, BUCKET),
        updater=Freshclam(
            program=str(tools.require("freshclam")), mirror=where, timeout_s=120, receive_s=1 if mirror.silent else 60
        ),
        prover=Clamscan(program=str(tools.require("clamscan")), testfiles=tools.clamav_testfiles()),
        clock=clock,
    )


def pointer(store: FakeObjectStore) -> DefinitionsManifest:
    return DefinitionsManifest.model_validate_json(store.newest(BUCKET, DEFINITIONS_POINTER).body)


def test_news_are_fetched_proved_and_pointed_to(mirror: Mirror, store: FakeObjectStore, clock: FakeClock) -> None:
    service = refresher(mirror, store, clock)
    assert service.refresh() is Outcome.PUBLISHED
    first = pointer(store)
    assert {file.name: store.newest(BUCKET, file.key).body for file in first.files} == mirror.files

    clock.advance(HOUR)
    assert service.refresh() is Outcome.UNCHANGED
    assert (pointer(store).version, pointer(store).built_at) == (first.version, clock.now())

    clock.advance(HOUR)
    mirror.files["eicar.ndb"] += NEWS
    assert service.refresh() is Outcome.PUBLISHED
    assert pointer(store).signatures == first.signatures + 1
    assert list(store.list_keys(BUCKET, f"definitions/{first.version}/")), "the previous version is kept"


def test_a_set_of_databases_with_a_header_that_nobody_signed_is_not_used(
    mirror: Mirror, store: FakeObjectStore, clock: FakeClock
) -> None:
    """Whether it comes as a file of its own, which freshclam takes, or from a whole mirror, where it looks."""
    head = b"ClamAV-VDB:01 Jan 2027 10-00 +0000:7:1:90:5d6755e1b7bedeea89cfc575f76ced65:X:tester:1800000000"
    mirror.files = {f"{name}.cvd": head.ljust(512) + bytes(512) for name in ("main", "daily", "bytecode")}

    for setting, code in ((mirror.setting(), "definitions_unproved"), (mirror.url(), "definitions_corrupt")):
        clock.advance(HOUR)
        with pytest.raises(RefreshFailed) as caught:
            refresher(mirror, store, clock, setting).refresh()
        assert caught.value.code == code
    assert DEFINITIONS_POINTER not in store.list_keys(BUCKET, "")


MISBEHAVIOUR: dict[str, tuple[Misbehave, str]] = {
    "403": (lambda m: setattr(m, "status", 403), "definitions_forbidden"),
    "429": (lambda m: setattr(m, "status", 429), "definitions_rate_limited"),
    "500": (lambda m: setattr(m, "status", 500), "definitions_unreachable"),
    "half-a-file": (lambda m: setattr(m, "halved", True), "definitions_corrupt"),
    "bad-checksum": (lambda m: m.checksums.update({"eicar.ndb": "0" * 64}), "definitions_corrupt"),
    "no-checksum": (lambda m: m.checksums.update({"eicar.ndb": ""}), "definitions_unreachable"),
    "file-gone": (lambda m: m.files.pop("testfiles.hdb"), "definitions_unreachable"),
    "silent": (lambda m: setattr(m, "silent", True), "definitions_unreachable"),
    "blind": (lambda m: m.files.update({"eicar.ndb": NEWS}), "definitions_unproved"),
    "without-testfiles": (lambda m: m.files.update({"testfiles.hdb": b"0" * 32 + b":1:A\n"}), "definitions_unproved"),
    "finds-everything": (lambda m: m.files.update({"eicar.ndb": m.files["eicar.ndb"] + b"R:0:0:52494646\n"}),
                         "definitions_unproved"),
    "finds-flac": (lambda m: m.files.update({"eicar.ndb": m.files["eicar.ndb"] + b"F:0:0:664c6143\n"}),
                   "definitions_unproved"),
    "nonsense": (lambda m: m.files.update({"eicar.ndb": b"this is no signature\n"}), "definitions_unproved"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_fault_14_a_mirror_that_misbehaves_changes_nothing(
    mirror: Mirror, store: FakeObjectStore, clock: FakeClock, name: str
) -> None:
    misbehave, code = MISBEHAVIOUR[name]
    setting = mirror.setting()
    refresher(mirror, store, clock).refresh()
    before, stored = pointer(store), set(store.list_keys(BUCKET, ""))
    clock.advance(HOUR)
    misbehave(mirror)

    with pytest.raises(RefreshFailed) as caught:
        refresher(mirror, store, clock, setting).refresh()

    assert caught.value.code == code
    assert (pointer(store), set(store.list_keys(BUCKET, ""))) == (before, stored)


def test_fault_14_a_mirror_that_is_away_changes_nothing(store: FakeObjectStore, clock: FakeClock) -> None:
    with running_mirror() as gone:
        gone.files = {"eicar.ndb": b""}
    with pytest.raises(RefreshFailed) as caught:
        refresher(gone, store, clock).refresh()
    assert caught.value.code == "definitions_unreachable"


@pytest.mark.parametrize("status", [403, 429])
def test_fault_14_a_mirror_that_refuses_is_asked_again_when_it_said(
    mirror: Mirror, store: FakeObjectStore, clock: FakeClock, status: int
) -> None:
    service = refresher(mirror, store, clock)
    mirror.status, mirror.headers = status, {"Retry-After": str(2 * HOUR)}
    with pytest.raises(RefreshFailed):
        service.refresh()
    mirror.status, asked = 200, len(mirror.asked)

    clock.advance(2 * HOUR - 1)
    assert service.refresh() is Outcome.RESTING
    assert len(mirror.asked) == asked
    clock.advance(1)
    assert service.refresh() is Outcome.PUBLISHED


def test_programs_that_are_missing_or_hang_are_failures(tmp_path: Path, mirror: Mirror) -> None:
    where = mirror_of(mirror.setting())
    assert where is not None
    sleeper = tmp_path / "sleeper"
    sleeper.write_text("#!/bin/sh\nexec sleep 60\n")
    sleeper.chmod(0o755)
    for program in ("/nowhere/program", str(sleeper)):
        with pytest.raises(RefreshFailed):
            Freshclam(program=program, mirror=where, timeout_s=0.2).refresh(tmp_path)
        with pytest.raises(RefreshFailed):
            Clamscan(program=program, timeout_s=0.2).prove(tmp_path)


@pytest.fixture
def deployed(
    mirror: Mirror, store: FakeObjectStore, clock: FakeClock, health: HealthRepository, monkeypatch: pytest.MonkeyPatch
) -> DefinitionsService:
    """The handler's service, with a health table of the test's own."""
    service = refresher(mirror, store, clock)
    monkeypatch.setattr(wiring, "service", lambda: service)
    monkeypatch.setattr(wiring, "_health", lambda: health)
    wiring.metrics.cache_clear()
    return service


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Every metric that was written, by name; the last value of each."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    return {key: value for line in lines for key, value in line.items() if isinstance(value, list)}


def test_fault_14_a_refusal_is_counted_and_told_and_the_age_goes_on(
    deployed: DefinitionsService,
    mirror: Mirror,
    clock: FakeClock,
    health: HealthRepository,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert handler.handler({}, SimpleNamespace()) == {"outcome": "published"}
    assert told(capsys) == {"DefinitionsAgeHours": [0.0]}
    clock.advance(25 * HOUR)
    mirror.status = 429

    assert handler.handler({}, SimpleNamespace()) == {"outcome": "definitions_rate_limited"}

    assert told(capsys) == {"DefinitionsRefreshFailed": [1.0], "DefinitionsAgeHours": [25.0]}
    report = health.get("definitions")
    assert report is not None
    assert (report.ok, report.facts["outcome"], report.facts["age_h"]) == (False, "definitions_rate_limited", 25)


def test_a_health_table_that_is_away_does_not_silence_the_age(
    deployed: DefinitionsService, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("down")

    monkeypatch.setattr(wiring, "report_health", away)
    assert handler.handler({}, SimpleNamespace()) == {"outcome": "published"}
    assert told(capsys) == {"DefinitionsAgeHours": [0.0]}
