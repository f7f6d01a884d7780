"""Fault 22: far more uploads at once than there are workers. The queue grows, the API answers, and it all drains."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import Final

import pytest

from tests.faults.invariants import assert_at_rest
from tests.faults.pipeline import Announced, Pipeline, wait_until
from tests.faults.sounds import brief
from tests.people import Artist

UPLOADS: Final = 1000
FEW: Final = 30
SENDERS: Final = 4
STEP: Final = 10


@pytest.mark.timeout(7200)
def test_fault_22_a_burst_of_uploads_is_taken_while_the_api_answers_and_drains(
    pipeline: Pipeline, artist: Artist, *, deep: bool
) -> None:
    many = UPLOADS if deep else FEW

    with unheard_but_answering(pipeline, artist) as answers:
        with ThreadPoolExecutor(SENDERS) as pool:
            uploads = list(pool.map(lambda _: pipeline.upload(artist, "burst.wav", brief()), range(many)))
        wait_until(lambda: pipeline.waiting(pipeline.url("Scan")) >= many, "the queue holds them all")
    drain(pipeline, many)

    assert set(answers) == {200}
    states = Counter(artist.track(upload.track_id)["state"] for upload in uploads)
    assert states == {"ready": many}
    assert_told_once(pipeline, uploads)
    assert_at_rest(pipeline, artist, uploads[0].track_id, uploads[-1].track_id)


@contextmanager
def unheard_but_answering(pipeline: Pipeline, artist: Artist) -> Iterator[Counter[int]]:
    """Nothing is scanned until the burst is over, and somebody uses the API all the while; its answers, counted."""
    answers, over = Counter[int](), threading.Event()

    def use() -> None:
        while not over.is_set():
            answers[artist.call("GET", "/tracks?limit=1").status_code] += 1

    user = threading.Thread(target=use)
    try:
        with pipeline.unheard("Scan"):
            user.start()
            yield answers
    finally:
        over.set()
        user.join()


def drain(pipeline: Pipeline, many: int) -> None:
    """However long it takes on this machine, as long as it goes on."""
    for left in count(many - STEP, -STEP):
        waiting = max(left, 0)
        for queue in ("Scan", "Transcode", "Parts", "Mail"):
            wait_until(lambda: pipeline.waiting(pipeline.url(queue)) <= waiting, f"{waiting} left of {queue}")  # noqa: B023
        if waiting == 0:
            break
    pipeline.rest()


def assert_told_once(pipeline: Pipeline, uploads: list[Announced]) -> None:
    told = Counter((event.data.get("track_id"), event.type) for event in pipeline.events())
    endings = {"track.playable", "transcoding.completed"}
    for upload in uploads:
        found = {kind: number for (track_id, kind), number in told.items() if track_id == upload.track_id}
        assert found == {"track.scanned": 1} | dict.fromkeys(endings, 1), found
