"""Fault 16: DynamoDB throttles, cancels or is away. Work is retried or refused in our words, never half done."""

import pytest
from botocore.exceptions import EndpointConnectionError
from pynamodb.exceptions import PynamoDBException

from core.domain.errors import Conflict, StoreUnavailable
from core.messages.tracks import TrackDeleted
from core.store import writes
from core.store.connection import shared_connection
from core.store.tracks import TrackRepository
from tests.builders import NOW, a_track, an_upload
from tests.dynamodb_line import Line, cancelled, failure


@pytest.fixture
def line(tables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Line:
    client = shared_connection().client
    line = Line(client._make_api_call)
    monkeypatch.setattr(client, "_make_api_call", line)
    monkeypatch.setattr(writes, "_BACKOFF_S", 0)
    return line


@pytest.mark.parametrize(
    "fault",
    [
        failure("ProvisionedThroughputExceededException"),
        failure("ThrottlingException"),
        failure("InternalServerError"),
        failure("ResourceNotFoundException"),
        EndpointConnectionError(endpoint_url="http://localhost:1"),
    ],
)
def test_16_a_store_that_cannot_answer_is_unavailable(line: Line, tracks: TrackRepository, fault: Exception) -> None:
    track = a_track()
    for call in (
        lambda: tracks.get(track.id),
        lambda: tracks.create(track, an_upload(track)),
        lambda: tracks.save(track, now=NOW),
        lambda: tracks.due(NOW, limit=1),
        lambda: tracks.list_by_owner(track.owner_id, limit=1, cursor=None),
        lambda: tracks.purge(track.id),
    ):
        line.failures = [fault]
        with pytest.raises(StoreUnavailable):
            call()


def test_16_two_transactions_that_meet_are_parted(line: Line, tracks: TrackRepository) -> None:
    track = a_track()
    line.failures = [cancelled("None", "TransactionConflict"), cancelled("ThrottlingError", "None")]
    tracks.create(track, an_upload(track))
    assert line.calls == ["TransactWriteItems"] * 3
    assert tracks.get(track.id) == track


def test_16_a_store_that_stays_busy_is_unavailable_and_nothing_is_written(line: Line, tracks: TrackRepository) -> None:
    track = a_track()
    tracks.create(track, an_upload(track))
    line.failures = [cancelled("TransactionConflict", "None")] * 5
    with pytest.raises(StoreUnavailable):
        tracks.save(track, events=[TrackDeleted(track_id=track.id, owner_id=track.owner_id)], now=NOW)
    assert line.failures == []
    assert tracks.get(track.id) == track


def test_16_a_failed_condition_outweighs_a_busy_row_beside_it(line: Line, tracks: TrackRepository) -> None:
    track = a_track()
    line.failures = [cancelled("ConditionalCheckFailed", "TransactionConflict")]
    with pytest.raises(Conflict) as stale:
        tracks.save(track, events=[TrackDeleted(track_id=track.id, owner_id=track.owner_id)], now=NOW)
    assert stale.value.code == "stale_track"


@pytest.mark.parametrize("fault", [failure("ValidationException"), cancelled("ValidationError", "None")])
def test_a_malformed_request_is_our_mistake_and_shows(line: Line, tracks: TrackRepository, fault: Exception) -> None:
    track = a_track()
    line.failures = [fault]
    with pytest.raises(PynamoDBException):
        tracks.create(track, an_upload(track))


def test_all_rows_share_one_client(tables: dict[str, str]) -> None:
    tracks, others = (TrackRepository(tables["catalogue"], tables["outbox"]) for _ in range(2))
    track = a_track()
    tracks.create(track, an_upload(track))
    others.get(track.id)
    rows = (tracks._tracks, tracks._uploads, tracks._verdicts, others._tracks)
    assert {id(row._get_connection().connection) for row in rows} == {id(shared_connection())}
