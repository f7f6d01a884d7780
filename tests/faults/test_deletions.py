"""Fault 24: what is deleted while workers are at it stays deleted, with its owner's account or alone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from api.tracks.service import TrackService
from consumers.privacy.erasure import Eraser
from core.chat.privacy_wiring import privacy_of
from core.domain.errors import NotFound
from core.domain.limits import DELETED_KEEP_S, ERASED_TRACK_S
from core.domain.tracks import Track
from core.messages.work import RecheckRequest
from core.store.accounts import AccountRepository
from core.store.closings import ClosingRepository
from core.store.connections import ConnectionRepository
from tests.builders import an_account
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


def erase_owner(belt: Belt, track: Track) -> None:
    """The owner's account is erased, as it is when its time is over."""
    shop = belt.workshop
    people, outbox = shop.tables["accounts"], shop.tables["outbox"]
    accounts = AccountRepository(people, outbox)
    owner = an_account(id=track.owner_id, email=f"{track.id}@example.com", username=track.id[-12:])
    accounts.create(owner)
    accounts.save(replace(owner, closing_at=shop.clock.now()), now=shop.clock.now())
    eraser = Eraser(
        accounts=accounts,
        closings=ClosingRepository(people, outbox),
        connections=ConnectionRepository(people),
        tracks=shop.tracks,
        chat=privacy_of(shop.tables["chat"], shop.tables["realtime"], shop.clock).erasure,
        objects=shop.store,
        clock=shop.clock,
        exports_bucket="exports",
    )
    assert eraser.erase(track.owner_id)
    with pytest.raises(NotFound):
        accounts.get(track.owner_id)


def assert_stays_deleted(belt: Belt, track: Track) -> None:
    """At once, after all messages have come again, and after the purge."""
    shop = belt.workshop
    for _ in range(2):
        belt.drain()
        shop.clock.advance(HOUR_S)
        belt.sweep()
    for event in shop.outbox():
        if event.data.get("track_id") == track.id and event.type == "track.scanned":
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


def assert_stays_erased(belt: Belt, track: Track) -> None:
    """After the purge, and after all messages have come again."""
    shop = belt.workshop
    belt.drain()
    assert (shop.now(track).title, shop.now(track).filename) == ("", "")
    for _ in range(2):
        shop.clock.advance(ERASED_TRACK_S)
        belt.sweep()
        belt.drain()
        for event in shop.outbox():
            if event.data.get("track_id") == track.id and event.type == "track.scanned":
                belt.tell("transcode", bus_event(event))
        belt.tell("scan", RecheckRequest(track_id=track.id).model_dump_json())
        belt.drain()

        with pytest.raises(NotFound):
            shop.now(track)
        assert [obj for obj in shop.store.versions if track.id in obj.key] == []
        assert not any(belt.dead.values())
    assert [row for row in rows_of(belt, "catalogue") if track.id in str(row)] == []
    assert {row["sk"]["S"] for row in rows_of(belt, "accounts") if track.owner_id in str(row)} == {"name"}


def rows_of(belt: Belt, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = belt.workshop.dynamodb.scan(TableName=belt.workshop.tables[table])["Items"]
    return rows


def deleted_everywhere(
    belt: Belt,
    queue: str,
    *,
    first: Callable[[], object] = lambda: None,
    delete: Callable[[Belt, Track], None] = delete,
    stays: Callable[[Belt, Track], None] = assert_stays_deleted,
) -> int:
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
        stays(belt, track)
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


def test_fault_24_an_account_erased_at_any_step_of_a_scan_never_comes_back(belt: Belt) -> None:
    assert deleted_everywhere(belt, "scan", delete=erase_owner, stays=assert_stays_erased) >= 8


def test_fault_24_an_account_erased_at_any_step_of_a_transcode_never_comes_back(belt: Belt) -> None:
    def has_been_scanned() -> None:
        belt.deliver("scan")

    met = deleted_everywhere(belt, "transcode", first=has_been_scanned, delete=erase_owner, stays=assert_stays_erased)
    assert met >= 8
