"""Ranges are read ahead: a few at once, in any order, and none after a fault."""

import os
import threading

import pytest

from core.domain.errors import StorageUnavailable
from core.domain.tracks import StoredObject
from scan import spool
from scan.spool import RANGES_AHEAD, spooled
from tests.fakes.objects import FakeObjectStore

CONTENT = bytes(range(251)) * 400


@pytest.fixture(autouse=True)
def short_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "RANGE_BYTES", 1000)


@pytest.fixture
def store() -> FakeObjectStore:
    store = FakeObjectStore()
    store.add("uploads", "a", CONTENT)
    return store


def test_several_ranges_are_on_their_way_and_never_more(
    store: FakeObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_range, lock, together = store.read_range, threading.Lock(), threading.Barrier(RANGES_AHEAD, timeout=10)
    now, most = 0, 0

    def watched(obj: StoredObject, start: int, end: int) -> bytes:
        nonlocal now, most
        with lock:
            now, most = now + 1, max(most, now + 1)
        if start < RANGES_AHEAD * 1000:
            together.wait()  # only passes if so many ranges are asked for at once
        with lock:
            now -= 1
        return read_range(obj, start, end)

    monkeypatch.setattr(store, "read_range", watched)
    with spooled(store, store.head("uploads", "a"), lambda _: None) as whole, whole.mapped() as data:
        assert data[:] == CONTENT
    assert most == RANGES_AHEAD


def test_a_range_that_fails_ends_the_reading(store: FakeObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    read_range, asked = store.read_range, []

    def failing(obj: StoredObject, start: int, end: int) -> bytes:
        asked.append(start)
        if start == 10_000:
            raise StorageUnavailable("Storage can't answer at the moment.")
        return read_range(obj, start, end)

    monkeypatch.setattr(store, "read_range", failing)
    with pytest.raises(StorageUnavailable), spooled(store, store.head("uploads", "a"), lambda _: None):
        pytest.fail("a range is missing")
    assert max(asked) < 10_000 + RANGES_AHEAD * 1000


def test_a_full_disk_is_a_fault_of_storage(store: FakeObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(StorageUnavailable), spooled(store, store.head("uploads", "a"), lambda _: None):
        pytest.fail("nothing was written")


def test_a_write_may_take_less_than_it_was_given(store: FakeObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda descriptor, data, offset: pwrite(descriptor, data[:77], offset))
    with spooled(store, store.head("uploads", "a"), lambda _: None) as whole, whole.mapped() as data:
        assert data[:] == CONTENT
