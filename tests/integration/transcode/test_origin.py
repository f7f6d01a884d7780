"""The loopback server that ffmpeg reads from."""

import gc
import http.client
import tracemalloc
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.errors import EncoderFailed, StorageUnavailable
from core.domain.tracks import StoredObject
from tests.fakes.objects import FakeObjectStore
from transcode.origin import AHEAD, BLOCK, Origin

SIZE = 2 * BLOCK + 4321
DATA = bytes(range(251)) * (SIZE // 251 + 1)
DATA = DATA[:SIZE]


class WatchedStore(FakeObjectStore):
    """Remembers what was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.ranges: list[tuple[int, int]] = []
        self.object = self.add("originals", "track/sha", DATA)

    def read_range(self, obj: StoredObject, start: int, end: int) -> bytes:
        self.ranges.append((start, end))
        return super().read_range(obj, start, end)

    def opened(self) -> Origin:
        return Origin(self, self.object, SIZE)


def asked(url: str, span: str | None = None, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    try:
        connection.request(method, where.path, headers={"Range": span} if span else {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


@settings(max_examples=25)
@given(st.integers(0, SIZE - 1), st.integers(1, 100_000))
def test_any_range_is_answered_exactly(start: int, length: int) -> None:
    with WatchedStore().opened() as origin:
        status, headers, body = asked(origin.url, f"bytes={start}-{start + length - 1}")

    assert status == 206
    assert body == DATA[start : start + length]
    assert headers["Content-Range"] == f"bytes {start}-{start + len(body) - 1}/{SIZE}"


def test_an_open_range_is_read_in_bounded_blocks_each_once() -> None:
    store = WatchedStore()
    with store.opened() as origin:
        _, _, body = asked(origin.url, "bytes=0-")

    assert body == DATA
    assert sorted(store.ranges) == [(0, BLOCK), (BLOCK, 2 * BLOCK), (2 * BLOCK, SIZE)]


def test_a_look_at_the_start_fetches_only_what_comes_next() -> None:
    store = WatchedStore()
    with store.opened() as origin:
        asked(origin.url, "bytes=0-99")

    assert len(store.ranges) <= 1 + AHEAD


def test_nothing_of_the_original_stays_in_memory_when_it_is_closed() -> None:
    """Not even until the next garbage collection: the next track of a warm worker would come on top."""
    store = WatchedStore()
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        with store.opened() as origin:
            asked(origin.url, "bytes=0-")
            assert tracemalloc.get_traced_memory()[0] > BLOCK
        assert tracemalloc.get_traced_memory()[0] < BLOCK / 2
    finally:
        tracemalloc.stop()
        gc.enable()


def test_the_path_is_the_key() -> None:
    with WatchedStore().opened() as origin:
        status, _, body = asked(origin.url[:-1] + "~")

    assert status == 404
    assert DATA[:100] not in body


@pytest.mark.parametrize("span", [f"bytes={SIZE}-", "bytes=9-3"])
def test_what_is_behind_the_end_is_refused(span: str) -> None:
    with WatchedStore().opened() as origin:
        assert asked(origin.url, span)[0] == 416


def test_the_size_can_be_asked_for() -> None:
    with WatchedStore().opened() as origin:
        status, headers, body = asked(origin.url, method="HEAD")

    assert (status, headers["Content-Length"], body) == (206, str(SIZE), b"")


def test_a_failing_store_is_remembered() -> None:
    store = WatchedStore()
    with store.opened() as origin:
        store.fault = StorageUnavailable("S3 is away")
        with pytest.raises(http.client.IncompleteRead):
            asked(origin.url)

        with pytest.raises(StorageUnavailable):
            origin.raise_failure()


def test_a_fault_nobody_foresaw_is_ours_and_not_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    store = WatchedStore()

    def broken(*_: object) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(store, "read_range", broken)
    with store.opened() as origin:
        with pytest.raises(http.client.IncompleteRead):
            asked(origin.url)

        with pytest.raises(EncoderFailed):
            origin.raise_failure()


def test_hanging_up_is_no_fault() -> None:
    with WatchedStore().opened() as origin:
        where = urlsplit(origin.url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
        connection.request("GET", where.path)
        connection.getresponse().read(100)
        connection.close()

        assert asked(origin.url, "bytes=0-9")[2] == DATA[:10]
        origin.raise_failure()


def test_nobody_answers_when_the_work_is_done() -> None:
    with WatchedStore().opened() as origin:
        url = origin.url

    with pytest.raises(ConnectionRefusedError):
        asked(url)
