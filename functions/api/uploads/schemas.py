"""Wire shapes of uploads."""

from typing import Annotated, Self

from pydantic import Field

from api.tracks.schemas import TrackProgress, TrackReason
from api.uploads.drafts import Announcement
from api.uploads.service import OpenDoor, SignedPart, UploadStatus
from api.wire import Id, Sha256, Timestamp, Wire
from core.domain.limits import UPLOAD_MAX_BYTES, UPLOAD_PART_BYTES
from core.domain.tracks import TrackState, Visibility
from core.domain.uploads import Strategy, UploadState
from core.ports.storage import SignedRequest

PART_NUMBER_MAX = UPLOAD_MAX_BYTES // UPLOAD_PART_BYTES
ONE_WORD = r"^[\x21-\x7e]{1,128}$"

ClientToken = Annotated[
    str, Field(pattern=ONE_WORD, description="Chosen by the client: the same token is the same upload.")
]
PartNumber = Annotated[int, Field(strict=True, ge=1, le=PART_NUMBER_MAX)]


class UploadRequest(Wire):
    filename: str = Field(max_length=1024, examples=["Night Drive.flac"])
    size_bytes: int = Field(strict=True, examples=[31457280])
    title: str | None = Field(
        default=None, max_length=1024, description="By default the file's name without its ending."
    )
    sha256: Sha256 | None = None
    client_token: ClientToken | None = None
    visibility: Visibility = Visibility.PUBLIC

    def announcement(self, idempotency_key: str | None) -> Announcement:
        return Announcement(
            filename=self.filename,
            size_bytes=self.size_bytes,
            title=self.title,
            sha256=self.sha256,
            client_token=self.client_token or idempotency_key,
            visibility=self.visibility,
        )


class Put(Wire):
    """Send the file with PUT and exactly these headers. The URL works once."""

    url: str
    headers: dict[str, str]

    @classmethod
    def of(cls, request: SignedRequest) -> Self:
        return cls(url=request.url, headers=request.headers)


class Part(Wire):
    """Send this slice of the file with PUT and exactly these headers; keep the ETag of the answer."""

    part_number: int
    size_bytes: int
    url: str
    headers: dict[str, str]

    @classmethod
    def of(cls, part: SignedPart) -> Self:
        return cls(
            part_number=part.plan.part_number,
            size_bytes=part.plan.size_bytes,
            url=part.request.url,
            headers=part.request.headers,
        )


class OpenUpload(Wire):
    """`put` for small files, `parts` for large ones; neither once the upload is closed."""

    upload_id: Id
    track_id: Id
    state: UploadState
    strategy: Strategy
    expires_at: Timestamp
    urls_expire_at: Timestamp | None = Field(default=None, description="Then ask for fresh ones.")
    put: Put | None = None
    parts: list[Part] | None = None

    @classmethod
    def of(cls, door: OpenDoor) -> Self:
        upload = door.upload
        return cls(
            upload_id=upload.id,
            track_id=upload.track_id,
            state=upload.state,
            strategy=upload.strategy,
            expires_at=upload.expires_at,
            urls_expire_at=door.urls_expire_at,
            put=Put.of(door.put) if door.put else None,
            parts=[Part.of(part) for part in door.parts] if upload.strategy is Strategy.MULTIPART else None,
        )


class FreshUrls(Wire):
    part_numbers: list[PartNumber] | None = Field(
        default=None, min_length=1, max_length=PART_NUMBER_MAX, description="By default all that are missing."
    )


class SentPart(Wire):
    part_number: PartNumber
    etag: str = Field(min_length=1, max_length=128)


class Completion(Wire):
    parts: list[SentPart] = Field(default=[], max_length=PART_NUMBER_MAX)


class StoredPart(Wire):
    part_number: int
    size_bytes: int
    etag: str


class MissingPart(Wire):
    part_number: int
    size_bytes: int


class UploadTrack(Wire):
    """How far the upload's track is."""

    id: Id
    state: TrackState
    state_reason: TrackReason | None
    progress: TrackProgress | None


class UploadView(Wire):
    upload_id: Id
    track_id: Id
    state: UploadState
    strategy: Strategy
    filename: str
    size_bytes: int
    expires_at: Timestamp
    parts: list[StoredPart] = Field(description="Already in storage, while the upload is open.")
    missing_parts: list[MissingPart]
    track: UploadTrack

    @classmethod
    def of(cls, status: UploadStatus) -> Self:
        upload, track = status.upload, status.track
        return cls(
            upload_id=upload.id,
            track_id=upload.track_id,
            state=upload.state,
            strategy=upload.strategy,
            filename=upload.filename,
            size_bytes=upload.size_bytes,
            expires_at=upload.expires_at,
            parts=[StoredPart(part_number=p.part_number, size_bytes=p.size_bytes, etag=p.etag) for p in status.stored],
            missing_parts=[MissingPart(part_number=p.part_number, size_bytes=p.size_bytes) for p in status.missing],
            track=UploadTrack(
                id=track.id,
                state=track.state,
                state_reason=TrackReason.of(track.reason),
                progress=TrackProgress.of(track),
            ),
        )
