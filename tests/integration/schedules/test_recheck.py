"""The sweep asks for what passed of late to be scanned again when the definitions change: all, in portions, once."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from core.domain.errors import QueueUnavailable, StorageUnavailable
from core.domain.ids import EpochSeconds, TrackId
from core.domain.tracks import StoredObject, TrackState
from core.messages.definitions import DEFINITIONS_POINTER, DefinitionsManifest
from core.messages.work import AttachmentRecheckRequest, RecheckRequest
from core.store.attachments import AttachmentRepository
from core.store.health import HealthRepository
from core.store.recheck_log import ATTACHMENTS, RecheckLog
from core.store.tracks import TrackRepository
from schedules.sweep import handler, recheck, wiring
from schedules.sweep.recheck import DAY_S, SETTLE_S, RecheckAsker
from tests.builders import NOW, a_ready_track, a_verdict, an_attachment, an_upload
from tests.fakes.clock import FakeClock
from tests.fakes.objects import FakeObjectStore
from tests.fakes.queue import FakeQueue


@dataclass
class Yard:
    asker: RecheckAsker
    tracks: TrackRepository
    objects: FakeObjectStore
    queue: FakeQueue
    clock: FakeClock

    def publish(self, version: str) -> None:
        manifest = DefinitionsManifest(version=version, built_at=NOW, signatures=1, source="builtin", files=())
        self.objects.add("definitions", DEFINITIONS_POINTER, manifest.model_dump_json().encode())

    def scanned(self, *days_ago: float, state: TrackState = TrackState.READY, deleted: bool = False) -> list[TrackId]:
        ids = []
        for days in days_ago:
            track = a_ready_track(state=state, scanned_at=EpochSeconds(int(NOW - days * DAY_S)))
            track = replace(track, deleted_at=NOW if deleted else None)
            self.tracks.create(track, an_upload(track))
            ids.append(track.id)
        return ids

    def sweep(self) -> int:
        self.clock.advance(SETTLE_S)
        return self.asker.ask()

    def asked(self) -> list[str]:
        return [RecheckRequest.model_validate_json(body).track_id for body in self.queue.sent]


@pytest.fixture
def yard(tracks: TrackRepository, tables: dict[str, str]) -> Yard:
    objects, queue, clock = FakeObjectStore(), FakeQueue(), FakeClock(NOW)
    asker = RecheckAsker(
        passed=tracks,
        request=lambda track_id: RecheckRequest(track_id=track_id),
        log=RecheckLog(tables["operations"]),
        objects=objects,
        scan_queue=queue,
        clock=clock,
        definitions_bucket="definitions",
    )
    return Yard(asker, tracks, objects, queue, clock)


def test_all_of_the_last_seven_days_are_asked_for_once(yard: Yard) -> None:
    recent = yard.scanned(0, 0.5, 1, 3, 6.99)
    yard.scanned(9, 30)
    yard.publish("1")
    assert [yard.sweep() for _ in range(3)] == [0, 5, 0]
    assert sorted(yard.asked()) == sorted(recent)
    yard.publish("1")
    assert yard.sweep() == 0
    yard.publish("2")
    assert [yard.sweep() for _ in range(3)] == [0, 5, 0]


def test_what_nobody_will_hear_is_not_asked_for(yard: Yard) -> None:
    yard.scanned(1, state=TrackState.REJECTED)
    yard.scanned(1, state=TrackState.FAILED)
    yard.scanned(1, deleted=True)
    yard.publish("1")
    assert [yard.sweep() for _ in range(2)] == [0, 0]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_large_numbers_come_in_portions(yard: Yard, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(recheck, "LIMIT", limit)
    recent = yard.scanned(0, 0, 0, 0, 1, 1, 4)
    yard.publish("1")
    assert all(yard.sweep() <= limit for _ in range(20))
    assert sorted(yard.asked()) == sorted(recent)


def test_newer_definitions_start_anew(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recheck, "LIMIT", 2)
    recent = yard.scanned(0, 0, 0)
    yard.publish("1")
    assert [yard.sweep() for _ in range(2)] == [0, 2]
    yard.publish("2")
    yard.queue.sent.clear()
    assert [yard.sweep() for _ in range(4)] == [0, 2, 1, 0]
    assert sorted(yard.asked()) == sorted(recent)


def test_scanners_get_the_time_to_see_the_new_pointer(yard: Yard) -> None:
    yard.scanned(0)
    yard.publish("1")
    assert [yard.asker.ask() for _ in range(3)] == [0, 0, 0]
    yard.clock.advance(SETTLE_S)
    assert yard.asker.ask() == 1


def test_what_was_promoted_past_midnight_while_scanners_settled_is_asked_for(yard: Yard) -> None:
    """It lies under another day than the change of definitions."""
    yard.clock.advance(15 * 3600 + 55 * 60)  # 23:55
    yard.publish("1")
    yard.asker.ask()
    (late,) = yard.scanned(-(16 * 3600 + 2 * 60) / DAY_S)  # 00:02
    assert yard.sweep() == 1
    assert yard.asked() == [late]


def test_a_queue_that_is_away_costs_only_time(yard: Yard) -> None:
    recent = yard.scanned(0, 2)
    yard.publish("1")
    yard.sweep()
    yard.queue.fault = QueueUnavailable("The queue does not answer.")
    with pytest.raises(QueueUnavailable):
        yard.sweep()
    yard.queue.fault = None
    assert yard.sweep() == 2
    assert sorted(yard.asked()) == sorted(recent)


def test_attachments_are_asked_for_beside_tracks(yard: Yard, tables: dict[str, str]) -> None:
    attachments = AttachmentRepository(tables["chat"])
    asker = replace(
        yard.asker,
        passed=attachments,
        request=lambda attachment_id: AttachmentRecheckRequest(attachment_id=attachment_id),
        log=RecheckLog(tables["operations"], ATTACHMENTS),
    )
    attachment = an_attachment()
    stored = StoredObject(bucket="attachments", key=attachment.key, version_id="v1")
    attachments.add(attachment.accepted(replace(a_verdict(), scanned_at=NOW), stored))
    yard.scanned(0)
    yard.publish("1")
    assert (yard.asker.ask(), asker.ask()) == (0, 0)
    yard.clock.advance(SETTLE_S)
    assert (yard.asker.ask(), asker.ask()) == (1, 1)
    assert AttachmentRecheckRequest.model_validate_json(yard.queue.sent[-1]).attachment_id == attachment.id


def test_without_definitions_nothing_is_asked(yard: Yard) -> None:
    yard.scanned(0)
    assert [yard.sweep() for _ in range(2)] == [0, 0]


def test_a_broken_pointer_is_told(yard: Yard) -> None:
    yard.objects.add("definitions", DEFINITIONS_POINTER, b"{}")
    with pytest.raises(StorageUnavailable):
        yard.sweep()


def test_the_handler_tells_and_reports(yard: Yard, health: HealthRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    for nothing in ("service", "attachments"):
        monkeypatch.setattr(wiring, nothing, lambda: SimpleNamespace(overdue=lambda limit: []))
    monkeypatch.setattr(wiring, "rechecks", lambda: (yard.asker,))
    monkeypatch.setattr(wiring, "_health", lambda: health)
    yard.scanned(0, 0)
    yard.publish("1")
    assert handler.handler({}, None) == {}
    yard.clock.advance(SETTLE_S)
    assert handler.handler({}, None) == {"recheck_asked": 2}
    yard.objects.fault = StorageUnavailable("Storage can't answer at the moment.")
    assert handler.handler({}, None) == {"error": 1}
    report = health.get("sweep")
    assert report is not None
    assert not report.ok
