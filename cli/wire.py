"""The answers of the API as the command line reads them; fields it does not use stay in `raw` for --json."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

END_STATES = frozenset({"ready", "rejected", "failed"})
SENT_STATES = frozenset({"completed"})
CLOSED_STATES = frozenset({"aborted", "expired"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PresignedPart:
    """`headers` belong to the signature and are sent exactly as given."""

    part_number: int
    size_bytes: int
    url: str
    headers: dict[str, str]

    @classmethod
    def of(cls, body: Json) -> "PresignedPart":
        return cls(
            part_number=body["part_number"],
            size_bytes=body["size_bytes"],
            url=body["url"],
            headers=body.get("headers") or {},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PresignedPut:
    url: str
    headers: dict[str, str]

    @classmethod
    def of(cls, body: Json) -> "PresignedPut":
        return cls(url=body["url"], headers=body.get("headers") or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedUpload:
    """The answer to POST /uploads: exactly one of `put` and `parts` while the upload is open."""

    upload_id: str
    track_id: str
    put: PresignedPut | None
    parts: list[PresignedPart]

    @classmethod
    def of(cls, body: Json) -> "AnnouncedUpload":
        put = body.get("put")
        return cls(
            upload_id=body["upload_id"],
            track_id=body["track_id"],
            put=PresignedPut.of(put) if put else None,
            parts=[PresignedPart.of(part) for part in body.get("parts") or []],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadStatus:
    """The answer to GET /uploads/{id}; `parts` maps the numbers already in storage to their ETags."""

    state: str
    parts: dict[int, str]

    @classmethod
    def of(cls, body: Json) -> "UploadStatus":
        parts = {part["part_number"]: part["etag"] for part in body.get("parts") or []}
        return cls(state=body["state"], parts=parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    stage: str
    percent: int
    eta_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    id: str
    title: str
    state: str
    reason: Reason | None
    progress: Progress | None
    duration_ms: int | None
    raw: Json = field(repr=False)

    @classmethod
    def of(cls, body: Json) -> "Track":
        reason, progress = body.get("state_reason"), body.get("progress")
        return cls(
            id=body["id"],
            title=body.get("title") or body.get("filename") or body["id"],
            state=body["state"],
            reason=Reason(code=reason["code"], message=reason["message"]) if reason else None,
            progress=Progress(stage=progress["stage"], percent=progress["percent"], eta_s=progress.get("eta_s"))
            if progress
            else None,
            duration_ms=body.get("duration_ms"),
            raw=body,
        )

    @property
    def ended(self) -> bool:
        return self.state in END_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """The answer to POST /tracks/{id}/stream; `renew_after_s` is when a player should ask for the next one."""

    hls_url: str
    download_url: str | None
    renew_after_s: int
    gain_db: float
    raw: Json = field(repr=False)

    @classmethod
    def of(cls, body: Json) -> "Ticket":
        return cls(
            hls_url=body["hls_url"],
            download_url=body.get("download_url"),
            renew_after_s=int(body.get("renew_after_s") or 0),
            gain_db=float(body.get("gain_db") or 0.0),
            raw=body,
        )
