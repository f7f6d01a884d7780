"""The media door under fire: mutated files of every format. Each one ends with a reason, and costs nothing lasting."""

import gc
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from core.domain.errors import MediaRejected
from core.domain.reasons import MESSAGES
from core.domain.tracks import TrackState
from scan.service import Outcome as ScanOutcome
from scan.sniff import sniff
from tests import corpus
from tests.corpus import Sample
from tests.fakes.queue import FakeQueue
from tests.fakes.scanner import FakeScanner
from tests.faults.mutations import mutant
from tests.faults.steps import Steps
from tests.faults.workshop import BreakableStore, Workshop
from transcode.work import Outcome

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MUTANTS: Final = 2000
"""Of every format in `make test-faults`."""
FEW: Final = 12
WARM: Final = 4
"""After so many files everything that is made once has been made."""
SNIFFED_IN_S: Final = 2.0
"""CPU time; the slowest of a hundred thousand took 15 ms."""
GROWTH_MAX: Final = 128 * 1024 * 1024
"""Bytes that the whole process may have grown by; one file left behind each time would be more."""
FORMATS: Final = sorted({(sample.container, sample.codec) for sample in corpus.brief()})


@pytest.fixture
def workshop(ministack: "DynamoDBClient", tables: dict[str, str]) -> Workshop:
    return Workshop(dynamodb=ministack, tables=tables, scanner=FakeScanner())


@pytest.fixture(scope="module")
def dynamodb(ministack: "DynamoDBClient") -> "DynamoDBClient":
    return ministack


@pytest.fixture(scope="module")
def donors() -> list[bytes]:
    """Of every kind, and some that are no audio at all."""
    bad = ("jpeg-as-flac", "video-mp4", "video-ogg", "m3u8", "encrypted-zip")
    return [*(sample.read() for sample in corpus.brief()), *(corpus.bad_sample(name).read() for name in bad)]


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", FORMATS, ids="-".join)
def test_fault_13_and_15_mutated_files_all_end_with_a_reason_and_leave_nothing_behind(
    workshop: Workshop, donors: Sequence[bytes], kind: tuple[str, str], *, deep: bool
) -> None:
    samples = [sample for sample in corpus.brief() if (sample.container, sample.codec) == kind]
    files = [(samples[n % len(samples)], n) for n in range(MUTANTS if deep else FEW)]

    def judge(which: tuple[Sample, int]) -> str:
        sample, number = which
        how, data = mutant(sample.read(), donors, f"{sample.name}:{number}")
        try:
            return judged(workshop, sample, data)
        except Exception as error:
            raise AssertionError(f"{sample.name}:{number} ({how})") from error

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        ended = Counter(pool.map(judge, files[:WARM]))
        with leaving_nothing_behind():
            ended.update(pool.map(judge, files[WARM:]))

    assert ended.total() == len(files)
    assert set(ended) == {"refused by the scan", "refused by the decoder", "ready"} or not deep


def judged(workshop: Workshop, sample: Sample, data: bytes) -> str:
    """How the file ended; fails if that is no end, or one without a reason."""
    began = time.thread_time()
    with suppress(MediaRejected):
        sniff(data, sample.filename)
    assert time.thread_time() - began < SNIFFED_IN_S
    own = replace(workshop, scanner=FakeScanner(), store=BreakableStore(), steps=Steps(), parts_queue=FakeQueue())
    track, obj = own.arrived(sample.filename, data)
    scanned = own.scan(obj)
    if scanned is ScanOutcome.PROMOTED:
        assert own.transcode(track, last_try=True) in {Outcome.READY, Outcome.REJECTED}
    else:
        assert scanned is ScanOutcome.REJECTED
    now = own.now(track)
    if now.state is TrackState.READY:
        assert now.reason is None
        assert own.media_of(track)
        return "ready"
    assert now.state is TrackState.REJECTED
    assert now.reason in MESSAGES
    assert own.media_of(track) == {}
    return "refused by the scan" if now.original is None else "refused by the decoder"


@contextmanager
def leaving_nothing_behind() -> Iterator[None]:
    """Descriptors, threads, children and memory are afterwards what they were before."""
    before = held()
    yield
    after = held()
    assert after["descriptors"] <= before["descriptors"]
    assert after["threads"] <= before["threads"]
    assert after["children"] <= before["children"]
    assert after["bytes"] - before["bytes"] < GROWTH_MAX


def held() -> dict[str, int]:
    gc.collect()
    children = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    resident = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "threads": threading.active_count(),
        "children": sum(len(found.read_text().split()) for found in children),
        "bytes": resident * os.sysconf("SC_PAGE_SIZE"),
    }
