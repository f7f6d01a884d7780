"""The refresh of the definitions on fakes: what is published, what is kept, and how long a mirror is left alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.domain.errors import RefreshFailed, StorageUnavailable
from core.messages.definitions import DEFINITIONS_POINTER, DefinitionsManifest
from schedules.definitions import freshclam, service
from schedules.definitions.artifact import FOLDER
from schedules.definitions.clamscan import UNPROVED
from schedules.definitions.freshclam import Refused
from schedules.definitions.service import DefinitionsService, Outcome
from schedules.definitions.shelf import MEMORY, DefinitionsShelf
from tests.fakes.clock import FakeClock
from tests.fakes.objects import FakeObjectStore

BUCKET = "definitions"
HOUR = 3600


def database(version: int, built_at: int | None = None) -> bytes:
    """What a `.cvd` begins with."""
    seconds = "" if built_at is None else f":{built_at}"
    return f"ClamAV-VDB:01 Jan 2027 10-00 +0000:{version}:12:90:md5:signature:builder{seconds}".encode().ljust(512)


@dataclass
class FakeUpdater:
    """Leaves `files` in the folder, as freshclam does, or fails; remembers what it found there."""

    files: dict[str, bytes] = field(default_factory=dict)
    fault: RefreshFailed | None = None
    meanwhile: Callable[[], object] = lambda: None
    found: list[list[str]] = field(default_factory=list)

    def refresh(self, folder: Path) -> None:
        self.found.append(sorted(path.name for path in folder.iterdir()))
        self.meanwhile()
        if self.fault is not None:
            raise self.fault
        for name, content in self.files.items():
            (folder / name).write_bytes(content)


@dataclass
class FakeProver:
    fault: RefreshFailed | None = None
    proved: int = 0

    def prove(self, folder: Path) -> None:
        self.proved += 1
        assert any(folder.iterdir())
        if self.fault is not None:
            raise self.fault


@dataclass
class House:
    store: FakeObjectStore = field(default_factory=FakeObjectStore)
    updater: FakeUpdater = field(default_factory=FakeUpdater)
    prover: FakeProver = field(default_factory=FakeProver)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.shelf = DefinitionsShelf(self.store, BUCKET)
        self.service = DefinitionsService(shelf=self.shelf, updater=self.updater, prover=self.prover, clock=self.clock)

    def refresh(self, **files: bytes) -> Outcome:
        """An hour later, from a mirror with these databases (`daily=…` is daily.cvd), if any are given."""
        if files:
            self.updater.files = {f"{name}.cvd": content for name, content in files.items()}
        self.clock.advance(HOUR)
        return self.service.refresh()

    def pointer(self) -> DefinitionsManifest:
        return DefinitionsManifest.model_validate_json(self.store.newest(BUCKET, DEFINITIONS_POINTER).body)

    def versions(self) -> set[str]:
        """Those that lie in the bucket, pointed to or not."""
        paths = (key.removeprefix(FOLDER).split("/") for key in self.store.list_keys(BUCKET, FOLDER))
        return {path[0] for path in paths if len(path) > 1}


@pytest.fixture
def house() -> House:
    return House()


def test_what_was_fetched_and_proved_is_published_and_pointed_to(house: House) -> None:
    assert house.refresh(main=database(1), daily=database(2)) is Outcome.PUBLISHED

    manifest = house.pointer()
    assert (manifest.source, manifest.signatures, manifest.built_at) == ("official", 24, house.clock.now())
    assert {file.name for file in manifest.files} == {"main.cvd", "daily.cvd"}
    assert all(house.store.newest(BUCKET, file.key).body for file in manifest.files)
    assert house.prover.proved == 1


def test_nothing_new_is_not_proved_again_but_known_to_be_current(house: House) -> None:
    house.refresh(daily=database(2))
    before = house.pointer()

    assert house.refresh() is Outcome.UNCHANGED

    assert (house.pointer().version, house.pointer().built_at) == (before.version, house.clock.now())
    assert house.prover.proved == 1
    assert house.service.age_h() == 0


def test_the_previous_version_is_kept_and_the_one_before_is_not(house: House) -> None:
    published = []
    for number in range(1, 5):
        house.refresh(daily=database(number))
        published.append(house.pointer().version)

    assert house.versions() == set(published[-2:])


def test_only_differences_are_asked_for(house: House) -> None:
    house.refresh(daily=database(1))
    house.refresh(daily=database(2))
    assert house.updater.found == [[], ["daily.cvd"]]


def test_published_files_that_spoiled_are_fetched_anew(house: House) -> None:
    house.refresh(main=database(1), daily=database(1))
    spoiled, lost = house.pointer().files
    house.store.add(BUCKET, spoiled.key, b"something else")
    house.store.delete_prefix(BUCKET, lost.key)

    assert house.refresh(main=database(1), daily=database(2)) is Outcome.PUBLISHED
    assert house.updater.found[-1] == []


@pytest.mark.parametrize("code", [UNPROVED, freshclam.CORRUPT, freshclam.UNREACHABLE])
def test_fault_14_what_fails_leaves_pointer_and_files_as_they_were(house: House, code: str) -> None:
    house.refresh(daily=database(1))
    before, versions = house.pointer(), house.versions()
    fault = RefreshFailed("It failed.", code=code)
    house.prover.fault, house.updater.fault = (fault, None) if code == UNPROVED else (None, fault)

    with pytest.raises(RefreshFailed):
        house.refresh(daily=database(2))

    assert (house.pointer(), house.versions()) == (before, versions)
    assert house.service.age_h() == 1


@pytest.mark.parametrize(
    ("fault", "hours"),
    [
        pytest.param(Refused("403", code=freshclam.FORBIDDEN, retry_after_s=None), 24, id="403"),
        pytest.param(Refused("429", code=freshclam.RATE_LIMITED, retry_after_s=None), 4, id="429"),
        pytest.param(Refused("429", code=freshclam.RATE_LIMITED, retry_after_s=2 * HOUR), 2, id="as-asked"),
        pytest.param(Refused("429", code=freshclam.RATE_LIMITED, retry_after_s=1), 1, id="at-least-an-hour"),
        pytest.param(Refused("429", code=freshclam.RATE_LIMITED, retry_after_s=90 * HOUR), 24, id="at-most-a-day"),
        pytest.param(RefreshFailed("away", code=freshclam.UNREACHABLE), 1, id="away"),
    ],
)
def test_fault_14_a_mirror_that_refuses_is_left_alone(house: House, fault: RefreshFailed, hours: int) -> None:
    house.updater.fault = fault
    with pytest.raises(RefreshFailed):
        house.refresh(daily=database(1))
    house.updater.fault = None
    asked = len(house.updater.found)

    house.clock.advance(hours * HOUR - 1)
    assert house.service.refresh() is Outcome.RESTING
    assert len(house.updater.found) == asked
    house.clock.advance(1)
    assert house.service.refresh() is Outcome.PUBLISHED


def test_a_run_that_is_killed_has_asked_all_the_same(house: House) -> None:
    house.updater.meanwhile = _killed
    with pytest.raises(KeyboardInterrupt):
        house.refresh(daily=database(1))
    house.updater.meanwhile = lambda: None
    assert house.service.refresh() is Outcome.RESTING


def _killed() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "then",
    [
        pytest.param({"main.cvd": database(1), "daily.cvd": database(6)}, id="older"),
        pytest.param({"main.cvd": database(1)}, id="missing"),
        pytest.param({"main.cvd": database(1), "daily.cvd": database(9, built_at=1_799_000_000)}, id="forgotten"),
    ],
)
def test_fault_14_definitions_never_go_back(
    house: House, then: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    house.refresh(main=database(1), daily=database(7))
    before = house.pointer()
    monkeypatch.setattr(DefinitionsService, "_seed", lambda _self, _folder: {})  # the mirror's word alone

    house.updater.files = then
    with pytest.raises(RefreshFailed) as caught:
        house.refresh()

    assert caught.value.code == freshclam.OUTDATED
    assert house.pointer() == before


def test_fault_14_a_newer_set_that_was_published_meanwhile_stays(house: House) -> None:
    house.refresh(daily=database(1))
    newer = house.pointer().model_copy(update={"version": "official-by-hand", "built_at": house.clock.now() + 9 * HOUR})
    house.updater.meanwhile = lambda: house.shelf.point(newer)

    with pytest.raises(RefreshFailed, match="meanwhile"):
        house.refresh(daily=database(2))

    assert house.pointer() == newer


def test_an_empty_mirror_publishes_nothing(house: House) -> None:
    with pytest.raises(RefreshFailed, match="no virus definitions"):
        house.refresh()
    assert house.service.age_h() is None


def test_a_pointer_nobody_can_read_is_replaced(house: House) -> None:
    house.store.add(BUCKET, DEFINITIONS_POINTER, b"{")
    assert house.refresh(daily=database(1)) is Outcome.PUBLISHED


def test_a_memory_nobody_can_read_asks_nobody(house: House) -> None:
    house.store.add(BUCKET, MEMORY, b"{")
    with pytest.raises(StorageUnavailable, match="memory"):
        house.refresh(daily=database(1))
    assert house.updater.found == []


def test_a_crash_before_the_pointer_moves_is_repaired_by_the_next_run(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.refresh(daily=database(1))
    before = house.pointer()
    with monkeypatch.context() as context:
        context.setattr(DefinitionsShelf, "point", lambda *_: _killed())
        with pytest.raises(KeyboardInterrupt):
            house.refresh(daily=database(2))
    assert house.pointer() == before

    assert house.refresh() is Outcome.PUBLISHED
    assert house.versions() == {before.version, house.pointer().version}


def test_a_stage_without_a_mirror_asks_nobody(house: House) -> None:
    off = DefinitionsService(shelf=house.shelf, updater=None, prover=house.prover, clock=house.clock)
    assert off.refresh() is Outcome.OFF


def test_the_longest_rest_leaves_room_before_verdicts_are_stale() -> None:
    assert service.LONGEST_REST_S <= 24 * HOUR
