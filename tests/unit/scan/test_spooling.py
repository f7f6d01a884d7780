"""The one reading of an object: every byte once, to be hashed and read at random, and searched by the engine."""

import hashlib
import os
from pathlib import Path

import pytest

from core.domain.errors import ObjectGone, StorageUnavailable
from scan import spool
from scan.spool import sha256_of, spooled
from scan.veil import is_searched, veiled
from tests.fakes.objects import FakeObject, FakeObjectStore

CONTENT = bytes(range(256)) * 40
SIZES = [0, 1, 999, 1000, 1001, 5000, len(CONTENT)]


@pytest.fixture(autouse=True)
def short_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "RANGE_BYTES", 1000)
    monkeypatch.setattr(spool, "MEMORY_MAX_BYTES", 4000)


@pytest.fixture
def store() -> FakeObjectStore:
    return FakeObjectStore()


@pytest.mark.parametrize("size", SIZES)
def test_the_bytes_are_those_of_the_object(store: FakeObjectStore, size: int) -> None:
    store.add("uploads", "a", CONTENT[:size])
    heard: list[int] = []

    with spooled(store, store.head("uploads", "a"), heard.append) as spooled_object:
        with spooled_object.mapped() as data:
            assert data[:] == CONTENT[:size]
            assert sha256_of(data) == hashlib.sha256(CONTENT[:size]).hexdigest()
        assert os.pread(spooled_object.file.fileno(), size + 1, 0) == CONTENT[:size]

    assert spooled_object.size_bytes == size
    assert heard == [*range(1000, size, 1000), *([size] if size else [])]


@pytest.mark.parametrize(("size", "in_memory"), [(4000, True), (4001, False)])
def test_small_objects_never_touch_a_disk_and_large_ones_have_no_name(
    store: FakeObjectStore, size: int, in_memory: bool
) -> None:
    store.add("uploads", "a", CONTENT[:size])

    with spooled(store, store.head("uploads", "a"), lambda _: None) as spooled_object:
        target = str(Path(f"/proc/self/fd/{spooled_object.file.fileno()}").readlink())

    assert target.endswith("(deleted)")
    assert target.startswith("/memfd:") is in_memory


def test_an_object_that_goes_away_meanwhile_is_gone(store: FakeObjectStore) -> None:
    obj = store.add("uploads", "a", CONTENT)
    info = store.head("uploads", "a")
    store.delete(obj)

    with pytest.raises(ObjectGone), spooled(store, info, lambda _: None):
        pytest.fail("there is nothing to spool")


def test_fewer_bytes_than_promised_are_a_fault_of_storage(store: FakeObjectStore) -> None:
    obj = store.add("uploads", "a", CONTENT)
    info = store.head("uploads", "a")
    store.versions[obj] = FakeObject(body=CONTENT[:-1])

    with pytest.raises(StorageUnavailable), spooled(store, info, lambda _: None):
        pytest.fail("the object is incomplete")


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"ID3\x04" + CONTENT, b"RIFF" + CONTENT),
        (b"ID3", b"RIF"),
        (b"", b""),
        (b".RMF1234ACONjaws", b"RIFF1234WAVEjaws"),
    ],
    ids=["audio", "three bytes", "nothing", "an animated cursor"],
)
def test_only_the_engine_is_shown_another_beginning(store: FakeObjectStore, content: bytes, shown: bytes) -> None:
    store.add("uploads", "a", content)

    with spooled(store, store.head("uploads", "a"), lambda _: None) as whole, whole.mapped() as data:
        descriptor = whole.file.fileno()
        with veiled(descriptor):
            assert is_searched(descriptor)
            assert os.pread(descriptor, 2**20, 0) == shown
            assert data[:] == content
            assert sha256_of(data) == hashlib.sha256(content).hexdigest()
        assert os.pread(descriptor, 2**20, 0) == content
