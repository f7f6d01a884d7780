"""Fault 24: what is deleted while workers are at it stays deleted.

Accounts can't be deleted yet; when they can, their tracks go the way shown here.
"""

from collections.abc import Callable
from typing import Final

import pytest

from api.tracks.service import TrackService
from core.domain.errors import NotFound
from core.domain.limits import DELETED_KEEP_S
from core.domain.tracks import Track
from core.messages import RecheckRequest
from tests.faults.belt import Belt
from tests.faults.pipeline import bus_event
from tests.faults.sounds import brief

HOUR_S: Final = 3600


def delete(belt: Belt, track: Track) -> None:
    service = TrackService(
        tracks=belt.workshop.tracks,
        scan_queue=belt.scan_queue,
        uploads_bucket="uploads",
        clock=belt.workshop.clock,
    )
    service.delete(track.id, track.owner_id)


def assert_stays_deleted(belt: Belt, track: Track) -> None:
    """At once, after all messages have come again, and after the purge."""
    shop = belt.workshop
    for _ in range(2):
        belt.drain()
        shop.clock.advance(HOUR_S)
        belt.sweep()
    for event in shop.outbox():
        if event.data["track_id"] == track.id and event.type == "track.scanned":
            belt.tell("transcode", bus_event(event))
    belt.tell("scan", RecheckRequest(track_id=track.id).model_dump_json())
    belt.drain()

    assert shop.now(track).deleted_at is not None
    assert not shop.now(track).readable_by(track.owner_id)
    assert shop.events(track)[-1] == "track.deleted"
    assert not any(belt.dead.values())

    shop.clock.advance(DELETED_KEEP_S)
    assert belt.sweep()["purged"] == 1
    belt.drain()
    with pytest.raises(NotFound):
        shop.now(track)
    assert [obj for obj in shop.store.versions if track.id in obj.key] == []
    assert shop.events(track)[-1] == "track.deleted"


def deleted_everywhere(belt: Belt, queue: str, *, first: Callable[[], object] = lambda: None) -> int:
    """Deletes fresh tracks one boundary later each time, until the worker is through before; how many it met."""
    for at in range(1, 100):
        track, obj = belt.workshop.arrived("song.wav", brief())
        belt.arrival(obj)
        first()
        deleted: list[Track] = []

        def happens(track: Track = track, deleted: list[Track] = deleted) -> None:
            delete(belt, track)
            deleted.append(track)

        belt.workshop.steps.arm(at, happens)
        belt.deliver(queue)
        if not deleted:
            return at - 1
        assert_stays_deleted(belt, track)
    raise AssertionError("endless steps")


def test_fault_24_a_track_deleted_at_any_step_of_its_scan_never_comes_back(belt: Belt) -> None:
    assert deleted_everywhere(belt, "scan") >= 8


def test_fault_24_a_track_deleted_at_any_step_of_its_transcode_never_comes_back(belt: Belt) -> None:
    assert deleted_everywhere(belt, "transcode", first=lambda: belt.deliver("scan")) >= 8


def test_fault_24_a_track_deleted_at_any_step_of_its_last_part_never_comes_back(belt: Belt) -> None:
    def has_its_head() -> None:
        belt.deliver("scan")
        belt.deliver("transcode")

    assert deleted_everywhere(belt, "parts", first=has_its_head) >= 8


def test_fault_24_a_track_deleted_before_its_bytes_arrive_never_comes_back(belt: Belt) -> None:
    track, obj = belt.workshop.arrived("song.wav", brief())
    delete(belt, track)
    belt.arrival(obj)

    belt.deliver("scan")

    assert belt.log.outcomes == ["discarded"]
    assert_stays_deleted(belt, track)
