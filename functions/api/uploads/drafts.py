"""What an announcement becomes: a draft track and its open upload."""

from dataclasses import dataclass

from core.domain.ids import AccountId, EpochSeconds, TrackId, UploadId, new_id
from core.domain.limits import STAGE_DEADLINE_S, TITLE_MAX, UPLOAD_EXPIRES_S
from core.domain.tracks import Track, TrackState, Visibility, check_title
from core.domain.uploads import Upload, UploadState, check_filename, check_size, choose_strategy, content_type_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    filename: str
    size_bytes: int
    title: str | None = None
    sha256: str | None = None
    client_token: str | None = None
    visibility: Visibility = Visibility.PUBLIC


def draft_of(owner_id: AccountId, wanted: Announcement, now: EpochSeconds) -> tuple[Track, Upload]:
    """Both with fresh ids, not stored yet. Raises InvalidInput with the field that breaks a rule."""
    filename, size_bytes = check_filename(wanted.filename), check_size(wanted.size_bytes)
    track = Track(
        id=TrackId(new_id()),
        owner_id=owner_id,
        upload_id=UploadId(new_id()),
        title=check_title(title_from(filename) if wanted.title is None else wanted.title),
        filename=filename,
        size_bytes=size_bytes,
        visibility=wanted.visibility,
        state=TrackState.DRAFT,
        created_at=now,
        updated_at=now,
        deadline=EpochSeconds(now + STAGE_DEADLINE_S["draft"]),
    )
    upload = Upload(
        id=track.upload_id,
        track_id=track.id,
        owner_id=owner_id,
        filename=filename,
        size_bytes=size_bytes,
        content_type=content_type_of(filename),
        sha256=wanted.sha256,
        client_token=wanted.client_token,
        strategy=choose_strategy(size_bytes),
        multipart_id=None,
        state=UploadState.OPEN,
        created_at=now,
        expires_at=EpochSeconds(now + UPLOAD_EXPIRES_S),
    )
    return track, upload


def title_from(filename: str) -> str:
    """What a track is called until its owner says otherwise: the file's name without its ending."""
    return filename.rpartition(".")[0].strip()[:TITLE_MAX]
