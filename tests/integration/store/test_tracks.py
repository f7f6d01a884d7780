"""Tracks: created once, changed under a revision, found by owner and by deadline, purged without a trace."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from core.domain.errors import Conflict, InvalidInput, NotFound
from core.domain.ids import AccountId, EpochSeconds, TrackId, new_id
from core.domain.limits import DELETED_KEEP_S
from core.domain.tracks import TrackState
from core.domain.verdicts import Verdict
from core.messages.tracks import TrackDeleted, TrackScanned
from core.store.outbox import envelope_of
from core.store.tracks import TrackRepository
from core.store.uploads import UploadRepository
from tests.builders import (
    NOW,
    a_ready_track,
    a_scanned_track,
    a_track,
    a_verdict,
    an_object,
    an_upload,
    an_uploaded_track,
    progress,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Contents(Protocol):
    def __call__(self, area: str) -> list[dict[str, Any]]: ...


@pytest.fixture
def rows_in(dynamodb: "DynamoDBClient", tables: dict[str, str]) -> Contents:
    """What lies in a table at the moment, as DynamoDB JSON."""
    return lambda area: [dict(item) for item in dynamodb.scan(TableName=tables[area])["Items"]]


class TestCreate:
    def test_track_and_upload_are_there_together(self, tracks: TrackRepository, uploads: UploadRepository) -> None:
        track = a_track()
        upload = an_upload(track)
        assert tracks.create(track, upload) == upload
        assert tracks.get(track.id) == track
        assert uploads.get(upload.id) == upload

    def test_the_same_client_token_gives_the_first_upload_again(
        self, tracks: TrackRepository, rows_in: Contents
    ) -> None:
        owner = AccountId(new_id())
        first = an_upload(a_track(owner_id=owner), client_token="t1")
        tracks.create(a_track(id=first.track_id, owner_id=owner, upload_id=first.id), first)
        before = len(rows_in("catalogue"))
        again = a_track(owner_id=owner)
        assert tracks.create(again, an_upload(again, client_token="t1")) == first
        assert len(rows_in("catalogue")) == before

    def test_a_client_token_of_another_file_is_refused(self, tracks: TrackRepository) -> None:
        owner = AccountId(new_id())
        first, second = a_track(owner_id=owner), a_track(owner_id=owner)
        tracks.create(first, an_upload(first, client_token="t1"))
        with pytest.raises(Conflict) as refused:
            tracks.create(second, an_upload(second, client_token="t1", filename="other.wav"))
        assert refused.value.code == "client_token_reused"
        with pytest.raises(NotFound):
            tracks.get(second.id)

    def test_two_owners_may_use_the_same_client_token(self, tracks: TrackRepository) -> None:
        for track in (a_track(), a_track()):
            upload = an_upload(track, client_token="t1")
            assert tracks.create(track, upload) == upload


class TestSave:
    def test_the_next_reader_sees_the_change_and_the_bus_its_event(
        self, tracks: TrackRepository, rows_in: Contents
    ) -> None:
        track = a_scanned_track()
        tracks.create(track, an_upload(track))
        event = TrackScanned(track_id=track.id, owner_id=track.owner_id, attempt=1)
        saved = tracks.save(replace(track, title="New"), events=[event], now=NOW)
        assert saved == replace(track, title="New", revision=1)
        assert tracks.get(track.id) == saved
        (row,) = rows_in("outbox")
        envelope = envelope_of(row)
        assert envelope.message() == event
        assert envelope.occurred_at == NOW

    def test_who_comes_second_must_decide_again(self, tracks: TrackRepository, rows_in: Contents) -> None:
        track = a_track()
        tracks.create(track, an_upload(track))
        tracks.save(track.moved(TrackState.UPLOADED, NOW), now=NOW)
        event = TrackDeleted(track_id=track.id, owner_id=track.owner_id)
        for events in ([], [event]):
            with pytest.raises(Conflict) as stale:
                tracks.save(track.deleted(NOW), events=events, now=NOW)
            assert stale.value.code == "stale_track"
        assert rows_in("outbox") == []
        assert tracks.get(track.id).state is TrackState.UPLOADED

    def test_a_purged_track_does_not_come_back(self, tracks: TrackRepository) -> None:
        with pytest.raises(Conflict):
            tracks.save(a_track(), now=NOW)

    def test_everything_a_track_knows_survives(self, tracks: TrackRepository) -> None:
        track = a_ready_track(progress=progress(), lease_until=NOW, deleted_at=NOW)
        tracks.create(track, an_upload(track))
        assert tracks.get(track.id) == track


class TestProgress:
    def test_is_shown_without_disturbing_the_worker(self, tracks: TrackRepository) -> None:
        track = a_scanned_track()
        tracks.create(track, an_upload(track))
        tracks.set_progress(track.id, attempt=1, progress=progress(percent=70))
        shown = tracks.get(track.id)
        assert shown.progress == progress(percent=70)
        assert shown.revision == track.revision
        tracks.save(track, now=NOW)

    def test_goes_on_while_the_track_is_playable_already(self, tracks: TrackRepository) -> None:
        track = a_scanned_track().moved(TrackState.PLAYABLE, NOW)
        tracks.create(track, an_upload(track))
        tracks.set_progress(track.id, attempt=1, progress=progress(percent=90))
        assert tracks.get(track.id).progress == progress(percent=90)

    @pytest.mark.parametrize(("stage", "attempt"), [("scanning", 1), ("transcoding", 2)])
    def test_of_work_that_is_over_is_ignored(self, tracks: TrackRepository, stage: str, attempt: int) -> None:
        track = a_scanned_track()
        tracks.create(track, an_upload(track))
        tracks.set_progress(track.id, attempt=attempt, progress=progress(stage=stage))
        assert tracks.get(track.id).progress is None

    def test_of_a_track_that_is_gone_is_ignored(self, tracks: TrackRepository) -> None:
        track_id = TrackId(new_id())
        tracks.set_progress(track_id, attempt=1, progress=progress())
        with pytest.raises(NotFound):
            tracks.get(track_id)


class TestListByOwner:
    def test_pages_through_all_of_them_newest_first(self, tracks: TrackRepository) -> None:
        owner = AccountId(new_id())
        born = [a_track(owner_id=owner) for _ in range(5)]
        for track in [*born, a_track()]:
            tracks.create(track, an_upload(track))
        seen, cursor = [], None
        for expected in (2, 2, 1):
            page = tracks.list_by_owner(owner, limit=2, cursor=cursor)
            assert len(page.items) == expected
            seen += page.items
            cursor = page.next_cursor
        assert cursor is None
        assert seen == born[::-1]

    def test_a_full_last_page_has_no_cursor(self, tracks: TrackRepository) -> None:
        track = a_track()
        tracks.create(track, an_upload(track))
        assert tracks.list_by_owner(track.owner_id, limit=1, cursor=None).next_cursor is None

    def test_deleted_tracks_are_gone_and_leave_no_hole(self, tracks: TrackRepository) -> None:
        owner = AccountId(new_id())
        born = [a_track(owner_id=owner) for _ in range(3)]
        for track in born:
            tracks.create(track, an_upload(track))
        tracks.save(born[1].deleted(NOW), now=NOW)
        assert tracks.list_by_owner(owner, limit=2, cursor=None).items == [born[2], born[0]]

    @pytest.mark.parametrize("cursor", ["", "x", "é", "A" * 22, "A" * 23, "../../etc", "0" * 200])
    def test_a_forged_cursor_is_refused(self, tracks: TrackRepository, cursor: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            tracks.list_by_owner(AccountId(new_id()), limit=2, cursor=cursor)
        assert refused.value.code == "cursor_invalid"


class TestDue:
    def test_finds_what_is_overdue_longest_first(self, tracks: TrackRepository) -> None:
        overdue = [a_track(deadline=EpochSeconds(NOW - age)) for age in (10, 30, 0, 20)]
        for track in [*overdue, a_track(deadline=EpochSeconds(NOW + 1)), a_ready_track()]:
            tracks.create(track, an_upload(track))
        by_age = sorted(overdue, key=lambda track: track.deadline or 0)
        assert tracks.due(NOW, limit=10) == by_age
        assert tracks.due(NOW, limit=2) == by_age[:2]

    def test_a_deleted_track_is_due_when_its_time_is_up(self, tracks: TrackRepository) -> None:
        track = a_ready_track()
        tracks.create(track, an_upload(track))
        deleted = tracks.save(track.deleted(NOW), now=NOW)
        assert tracks.due(EpochSeconds(NOW + DELETED_KEEP_S - 1), limit=10) == []
        assert tracks.due(EpochSeconds(NOW + DELETED_KEEP_S), limit=10) == [deleted]


class TestVerdicts:
    def test_the_latest_verdict_on_that_version_counts(self, tracks: TrackRepository) -> None:
        track = an_uploaded_track()
        tracks.create(track, an_upload(track))
        obj = track.incoming
        assert obj is not None
        stale = a_verdict(object=obj, verdict=Verdict.STALE, definitions_version="1", scanned_at=NOW)
        clean = a_verdict(object=obj, definitions_version="2", scanned_at=EpochSeconds(NOW + 60))
        track = tracks.save(track, verdict=clean, now=NOW)
        tracks.save(track, verdict=stale, now=NOW)
        assert tracks.verdict_of(obj) == clean

    def test_another_version_was_never_scanned(self, tracks: TrackRepository) -> None:
        track = an_uploaded_track()
        tracks.create(track, an_upload(track))
        scanned = an_object(version_id="v1")
        tracks.save(track, verdict=a_verdict(object=scanned), now=NOW)
        assert tracks.verdict_of(replace(scanned, version_id="v11")) is None
        assert tracks.verdict_of(replace(scanned, version_id="v")) is None


class TestPurge:
    def test_leaves_nothing_behind(self, tracks: TrackRepository, rows_in: Contents) -> None:
        track = an_uploaded_track()
        tracks.create(track, an_upload(track, client_token="t1"))
        assert track.incoming is not None
        tracks.save(track, verdict=a_verdict(object=track.incoming), now=NOW)
        tracks.purge(track.id)
        assert rows_in("catalogue") == []

    def test_may_be_repeated(self, tracks: TrackRepository) -> None:
        track = a_track()
        tracks.create(track, an_upload(track))
        tracks.purge(track.id)
        tracks.purge(track.id)
