"""Uploads end once, and have one multipart id however many workers try."""

import pytest

from core.domain.errors import Conflict, NotFound
from core.domain.ids import UploadId, new_id
from core.domain.uploads import UploadState
from core.store.tracks import TrackRepository
from core.store.uploads import UploadRepository
from tests.builders import a_track, an_upload

ENDS = [UploadState.COMPLETED, UploadState.ABORTED, UploadState.EXPIRED]


@pytest.fixture
def upload_id(tracks: TrackRepository) -> UploadId:
    track = a_track()
    return tracks.create(track, an_upload(track)).id


def test_the_first_multipart_id_wins(uploads: UploadRepository, upload_id: UploadId) -> None:
    assert uploads.set_multipart(upload_id, "first").multipart_id == "first"
    assert uploads.set_multipart(upload_id, "second").multipart_id == "first"
    assert uploads.get(upload_id).multipart_id == "first"


@pytest.mark.parametrize("end", ENDS)
def test_an_upload_ends_and_may_be_told_so_again(
    uploads: UploadRepository, upload_id: UploadId, end: UploadState
) -> None:
    ended = uploads.set_state(upload_id, end)
    assert ended.state is end
    assert uploads.set_state(upload_id, end) == ended
    assert uploads.get(upload_id) == ended


@pytest.mark.parametrize("other", [UploadState.OPEN, UploadState.ABORTED, UploadState.EXPIRED])
def test_a_completed_upload_stays_completed(uploads: UploadRepository, upload_id: UploadId, other: UploadState) -> None:
    uploads.set_state(upload_id, UploadState.COMPLETED)
    with pytest.raises(Conflict) as refused:
        uploads.set_state(upload_id, other)
    assert refused.value.code == "upload_closed"
    assert uploads.get(upload_id).state is UploadState.COMPLETED


def test_an_unknown_upload_is_not_found_and_not_created(uploads: UploadRepository) -> None:
    unknown = UploadId(new_id())
    with pytest.raises(NotFound):
        uploads.set_multipart(unknown, "id")
    with pytest.raises(NotFound):
        uploads.set_state(unknown, UploadState.COMPLETED)
    with pytest.raises(NotFound) as refused:
        uploads.get(unknown)
    assert refused.value.code == "upload_not_found"
