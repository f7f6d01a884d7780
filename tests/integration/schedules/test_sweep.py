"""The sweep: no track stays in a middle state past its deadline, and a lost event is found within ten minutes."""

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from core.domain.errors import NotFound, QueueUnavailable
from core.domain.ids import EpochSeconds
from core.domain.limits import DELETED_KEEP_S, MAX_REDRIVES, STAGE_DEADLINE_S, UPLOAD_EXPIRES_S
from core.domain.reasons import ReasonCode
from core.domain.tracks import StoredObject, Track, TrackState
from core.domain.uploads import Upload, UploadState, incoming_key
from core.messages.message import Message
from core.messages.tracks import TrackFailed, TrackScanned
from core.messages.work import RescanRequest
from core.store.attachments import AttachmentRepository
from core.store.health import HealthRepository
from core.store.outbox import envelope_of
from core.store.tracks import TrackRepository
from core.store.uploads import UploadRepository
from schedules.sweep import handler, wiring
from schedules.sweep.attachments import AttachmentSweep
from schedules.sweep.service import Outcome, SweepService
from tests import builders
from tests.builders import NOW, a_ready_track, a_scanned_track, a_track, an_upload, an_uploaded_track
from tests.fakes.clock import FakeClock
from tests.fakes.door import FakeUploadDoor
from tests.fakes.objects import FakeObjectStore
from tests.fakes.queue import FakeQueue

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SWEEP_EVERY_S = 300


AWAY = QueueUnavailable("The queue does not answer.")


@dataclass
class Yard:
    """The sweep with what it works on."""

    service: SweepService
    attachment_sweep: AttachmentSweep
    tracks: TrackRepository
    uploads: UploadRepository
    objects: FakeObjectStore
    door: FakeUploadDoor
    queue: FakeQueue
    clock: FakeClock
    dynamodb: "DynamoDBClient"
    outbox: str

    def announced(self, track: Track, **changes: Any) -> Upload:
        return self.tracks.create(track, an_upload(track, **changes))

    def arrived(self, track: Track) -> StoredObject:
        return self.objects.add("uploads", incoming_key(track.id, track.upload_id), b"audio")

    def stuck(self, track: Track) -> Track:
        """`track` with its bytes in place, known to the store."""
        track = replace(track, incoming=self.arrived(track))
        self.announced(track)
        return track

    def pass_deadline(self, track: Track) -> None:
        now = self.tracks.get(track.id).deadline
        assert now is not None
        self.clock.advance(now - self.clock.now())

    def sweep(self) -> list[Outcome]:
        return [self.service.settle(track) for track in self.service.overdue(limit=10)]

    def asked(self) -> list[RescanRequest]:
        return [RescanRequest.model_validate_json(body) for body in self.queue.sent]

    def events(self) -> list[Message]:
        return [envelope_of(row).message() for row in self.dynamodb.scan(TableName=self.outbox)["Items"]]


@pytest.fixture
def yard(
    tracks: TrackRepository, uploads: UploadRepository, dynamodb: "DynamoDBClient", tables: dict[str, str]
) -> Yard:
    objects, queue, clock = FakeObjectStore(), FakeQueue(), FakeClock(NOW)
    door = FakeUploadDoor(objects, "uploads")
    service = SweepService(
        tracks=tracks,
        uploads=uploads,
        objects=objects,
        door=door,
        scan_queue=queue,
        clock=clock,
        uploads_bucket="uploads",
        originals_bucket="originals",
        quarantine_bucket="quarantine",
        media_bucket="media",
    )
    attachment_sweep = AttachmentSweep(
        attachments=AttachmentRepository(tables["chat"]),
        objects=objects,
        scan_queue=queue,
        clock=clock,
        uploads_bucket="uploads",
        attachments_bucket="attachments",
        quarantine_bucket="quarantine",
    )
    return Yard(service, attachment_sweep, tracks, uploads, objects, door, queue, clock, dynamodb, tables["outbox"])


class TestDrafts:
    def test_nothing_is_done_before_the_deadline(self, yard: Yard) -> None:
        yard.announced(a_track())
        assert yard.sweep() == []

    def test_a_draft_waits_for_its_bytes(self, yard: Yard) -> None:
        draft = a_track()
        yard.announced(draft)
        yard.pass_deadline(draft)
        assert yard.sweep() == [Outcome.WAITING]
        assert yard.tracks.get(draft.id).state is TrackState.DRAFT
        assert yard.sweep() == []
        yard.pass_deadline(draft)
        assert yard.sweep() == [Outcome.WAITING]
        assert yard.events() == []

    def test_3_a_lost_event_is_found_and_the_scan_asked_for(self, yard: Yard) -> None:
        draft = a_track()
        upload = yard.announced(draft)
        yard.arrived(draft)
        yard.pass_deadline(draft)
        assert yard.sweep() == [Outcome.EVENT_LOST]
        assert yard.asked() == [RescanRequest(bucket="uploads", key=upload.key)]
        assert yard.tracks.get(draft.id).state is TrackState.UPLOADED
        assert yard.sweep() == []

    def test_3_within_ten_minutes(self) -> None:
        assert STAGE_DEADLINE_S["draft"] + SWEEP_EVERY_S <= 600

    def test_an_upload_that_was_never_finished_expires(self, yard: Yard) -> None:
        draft = a_track()
        upload = yard.announced(draft)
        yard.clock.advance(UPLOAD_EXPIRES_S)
        assert yard.sweep() == [Outcome.UPLOAD_EXPIRED]
        failed = yard.tracks.get(draft.id)
        assert (failed.state, failed.reason) == (TrackState.FAILED, ReasonCode.UPLOAD_EXPIRED)
        assert yard.uploads.get(upload.id).state is UploadState.EXPIRED
        assert yard.events() == [
            TrackFailed(track_id=draft.id, owner_id=draft.owner_id, attempt=1, reason="upload_expired")
        ]
        assert yard.sweep() == []

    def test_its_parts_are_thrown_away(self, yard: Yard) -> None:
        draft = a_track()
        key = incoming_key(draft.id, draft.upload_id)
        multipart_id = yard.door.start_multipart(key, content_type="audio/wav")
        yard.announced(draft, multipart_id=multipart_id)
        yard.clock.advance(UPLOAD_EXPIRES_S)
        yard.sweep()
        assert yard.door.open == {}

    def test_an_upload_that_was_given_up_is_not_waited_for(self, yard: Yard) -> None:
        draft = a_track()
        upload = yard.announced(draft)
        yard.uploads.set_state(upload.id, UploadState.ABORTED)
        yard.pass_deadline(draft)
        assert yard.sweep() == [Outcome.UPLOAD_EXPIRED]
        assert yard.uploads.get(upload.id).state is UploadState.ABORTED


class TestStuckWork:
    @pytest.mark.parametrize("state", [TrackState.UPLOADED, TrackState.SCANNING])
    def test_a_stuck_scan_is_asked_for_again(self, yard: Yard, state: TrackState) -> None:
        track = yard.stuck(replace(an_uploaded_track(), state=state, lease_until=NOW))
        yard.pass_deadline(track)
        assert yard.sweep() == [Outcome.REDRIVEN]
        again = yard.tracks.get(track.id)
        assert (again.state, again.redrives, again.lease_until) == (state, 1, None)
        assert [request.key for request in yard.asked()] == [incoming_key(track.id, track.upload_id)]

    @pytest.mark.parametrize("state", [TrackState.TRANSCODING, TrackState.PLAYABLE])
    def test_a_stuck_transcode_is_announced_again(self, yard: Yard, state: TrackState) -> None:
        track = yard.stuck(replace(a_scanned_track(), state=state, attempt=2))
        yard.pass_deadline(track)
        assert yard.sweep() == [Outcome.REDRIVEN]
        assert yard.events() == [TrackScanned(track_id=track.id, owner_id=track.owner_id, attempt=2)]
        assert yard.asked() == []

    @pytest.mark.parametrize("track", [an_uploaded_track(), a_scanned_track()], ids=["scan", "transcode"])
    def test_what_stays_stuck_fails_with_a_reason(self, yard: Yard, track: Track) -> None:
        track = yard.stuck(track)
        seen = []
        for _ in range(MAX_REDRIVES + 1):
            yard.pass_deadline(track)
            seen += yard.sweep()
        assert seen == [Outcome.REDRIVEN] * MAX_REDRIVES + [Outcome.TIMED_OUT]
        failed = yard.tracks.get(track.id)
        assert (failed.state, failed.reason) == (TrackState.FAILED, ReasonCode.TIMED_OUT)
        event = TrackFailed(track_id=track.id, owner_id=track.owner_id, attempt=1, reason="timed_out")
        assert event in yard.events()
        yard.clock.advance(10 * UPLOAD_EXPIRES_S)
        assert yard.sweep() == []

    def test_4_bytes_that_are_gone_end_the_track(self, yard: Yard) -> None:
        track = yard.stuck(an_uploaded_track())
        assert track.incoming is not None
        yard.objects.delete(track.incoming)
        yard.pass_deadline(track)
        assert yard.sweep() == [Outcome.OBJECT_GONE]
        assert yard.tracks.get(track.id).reason is ReasonCode.OBJECT_GONE
        assert yard.asked() == []

    def test_of_two_sweeps_one_acts(self, yard: Yard) -> None:
        track = yard.stuck(an_uploaded_track())
        yard.pass_deadline(track)
        (first,) = yard.service.overdue(limit=10)
        assert [yard.service.settle(first), yard.service.settle(first)] == [Outcome.REDRIVEN, Outcome.MOVED_ON]
        assert len(yard.asked()) == 1

    def test_a_worker_that_finished_meanwhile_is_not_disturbed(self, yard: Yard) -> None:
        track = yard.stuck(an_uploaded_track())
        yard.pass_deadline(track)
        (found,) = yard.service.overdue(limit=10)
        yard.tracks.save(track.moved(TrackState.SCANNING, NOW), now=NOW)
        assert yard.service.settle(found) is Outcome.MOVED_ON
        assert yard.tracks.get(track.id).state is TrackState.SCANNING

    def test_a_queue_that_is_away_costs_only_time(self, yard: Yard) -> None:
        track = yard.stuck(an_uploaded_track())
        yard.pass_deadline(track)
        yard.queue.fault = AWAY
        with pytest.raises(QueueUnavailable):
            yard.sweep()
        yard.queue.fault = None
        yard.pass_deadline(track)
        assert yard.sweep() == [Outcome.REDRIVEN]
        assert len(yard.asked()) == 1


class TestDeleted:
    def test_is_purged_with_all_its_objects_when_its_time_is_up(self, yard: Yard) -> None:
        track = yard.stuck(a_ready_track())
        for bucket in ("originals", "media"):
            yard.objects.add(bucket, f"{track.id}/x", b"audio")
            yard.objects.add(bucket, "other/x", b"audio")
        yard.tracks.save(track.deleted(NOW), now=NOW)
        yard.clock.advance(DELETED_KEEP_S - 1)
        assert yard.sweep() == []
        yard.clock.advance(1)
        assert yard.sweep() == [Outcome.PURGED]
        with pytest.raises(NotFound):
            yard.tracks.get(track.id)
        left = [key for bucket in ("uploads", "originals", "media") for key in yard.objects.list_keys(bucket, "")]
        assert left == ["other/x", "other/x"]


class TestHandler:
    @pytest.fixture(autouse=True)
    def wired(self, yard: Yard, health: HealthRepository, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wiring, "service", lambda: yard.service)
        monkeypatch.setattr(wiring, "attachments", lambda: yard.attachment_sweep)
        monkeypatch.setattr(wiring, "_health", lambda: health)
        monkeypatch.setattr(wiring, "rechecks", lambda: ())
        for built in (wiring.logger, wiring.metrics):
            built.cache_clear()

    def test_an_attachment_that_nobody_sent_is_waited_for(self, yard: Yard) -> None:
        attachment = builders.an_attachment()
        yard.attachment_sweep.attachments.add(attachment.awaited(yard.clock.now()))
        assert handler.handler({}, None) == {}
        yard.clock.advance(STAGE_DEADLINE_S["uploaded"])
        assert handler.handler({}, None) == {"waiting": 1}

    def test_3_a_lost_event_is_counted(self, yard: Yard, capsys: pytest.CaptureFixture[str]) -> None:
        draft = a_track()
        yard.announced(draft)
        yard.arrived(draft)
        yard.pass_deadline(draft)
        assert handler.handler({}, None) == {"event_lost": 1}
        metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [line["EventLost"] for line in metrics if "EventLost" in line] == [[1.0]]

    def test_one_track_that_fails_stops_no_other(self, yard: Yard, health: HealthRepository) -> None:
        stuck, draft = yard.stuck(an_uploaded_track()), a_track(deadline=EpochSeconds(NOW + 601))
        yard.announced(draft)
        yard.clock.advance(700)
        yard.queue.fault = AWAY
        assert handler.handler({}, None) == {"error": 1, "waiting": 1}
        report = health.get("sweep")
        assert report is not None
        assert not report.ok
        yard.queue.fault = None
        yard.pass_deadline(stuck)
        handler.handler({}, None)
        report = health.get("sweep")
        assert report is not None
        assert report.ok
