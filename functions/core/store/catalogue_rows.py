"""The rows of the catalogue table: tracks, uploads, client tokens and verdicts; parts have a module of their own."""

from typing import Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from core.domain.ids import AccountId, TrackId, UploadId
from core.domain.media import MediaResult, SourceFacts
from core.domain.reasons import ReasonCode
from core.domain.tracks import Progress, StoredObject, Track, TrackState, Visibility
from core.domain.uploads import Strategy, Upload, UploadState
from core.domain.verdicts import ScanVerdict, Verdict
from core.store.rows import EnumAttribute, Row, ValueAttribute, attributes_of, noun_of
from core.store.tables import BY_DEADLINE, BY_OWNER, BY_SCAN_DAY, SK, TTL, deadline_shard, scan_day

TRACK_SK: Final = "track"
UPLOAD_SK: Final = "upload"


def track_pk(track_id: TrackId) -> str:
    return f"track#{track_id}"


def part_sk(attempt: int | None = None, content_id: str = "", number: int | None = None) -> str:
    """Without the later arguments: the prefix of all parts of a track, or of one attempt at one content."""
    if attempt is None:
        return "part#"
    return f"part#{attempt}#{content_id}#{'' if number is None else f'{number:03d}'}"


def upload_pk(upload_id: UploadId) -> str:
    return f"upload#{upload_id}"


def client_token_key(owner_id: AccountId, client_token: str) -> tuple[str, str]:
    return f"owner#{owner_id}", f"client-token#{client_token}"


def object_pk(bucket: str, key: str) -> str:
    return f"object#{bucket}/{key}"


def verdict_sk(version_id: str, definitions_version: str = "") -> str:
    """Without `definitions_version`: the prefix of all verdicts on that object version."""
    return f"verdict#{version_id}#{definitions_version}"


class ByOwner(GlobalSecondaryIndex["CatalogueRow"]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = BY_OWNER.name
        projection = AllProjection()

    owner_id = UnicodeAttribute(hash_key=True, attr_name=BY_OWNER.hash_key.name)
    listed_id = UnicodeAttribute(range_key=True, attr_name=BY_OWNER.range_key.name)


class ByDeadline(GlobalSecondaryIndex["CatalogueRow"]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = BY_DEADLINE.name
        projection = AllProjection()

    due_shard = UnicodeAttribute(hash_key=True, attr_name=BY_DEADLINE.hash_key.name)
    deadline = NumberAttribute(range_key=True, attr_name=BY_DEADLINE.range_key.name)


class ByScanDay(GlobalSecondaryIndex["CatalogueRow"]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = BY_SCAN_DAY.name
        projection = AllProjection()

    scan_day = UnicodeAttribute(hash_key=True, attr_name=BY_SCAN_DAY.hash_key.name)
    id = UnicodeAttribute(range_key=True, attr_name=BY_SCAN_DAY.range_key.name)


class CatalogueRow(Row):
    """Every kind of row knows the table's whole key schema; only tracks fill the indexes' keys."""

    sk = UnicodeAttribute(range_key=True, attr_name=SK)
    ttl = NumberAttribute(null=True, attr_name=TTL)
    owner_id = UnicodeAttribute(null=True, attr_name=BY_OWNER.hash_key.name)
    listed_id = UnicodeAttribute(null=True, attr_name=BY_OWNER.range_key.name)
    due_shard = UnicodeAttribute(null=True, attr_name=BY_DEADLINE.hash_key.name)
    deadline = NumberAttribute(null=True, attr_name=BY_DEADLINE.range_key.name)
    scan_day = UnicodeAttribute(null=True, attr_name=BY_SCAN_DAY.hash_key.name)
    by_owner = ByOwner()
    by_deadline = ByDeadline()
    by_scan_day = ByScanDay()


class TrackRow(CatalogueRow):
    id = UnicodeAttribute(attr_name="track_id")
    upload_id = UnicodeAttribute()
    title = UnicodeAttribute()
    filename = UnicodeAttribute()
    size_bytes = NumberAttribute()
    visibility = EnumAttribute(Visibility)
    state = EnumAttribute(TrackState)
    created_at = NumberAttribute()
    updated_at = NumberAttribute()
    attempt = NumberAttribute()
    revision = NumberAttribute()
    redrives = NumberAttribute()
    lease_until = NumberAttribute(null=True)
    reason = EnumAttribute(ReasonCode, null=True)
    progress = ValueAttribute(Progress, null=True)
    incoming = ValueAttribute(StoredObject, null=True)
    original = ValueAttribute(StoredObject, null=True)
    scanned_at = NumberAttribute(null=True)
    sha256 = UnicodeAttribute(null=True)
    source = ValueAttribute(SourceFacts, null=True)
    media = ValueAttribute(MediaResult, null=True)
    hidden_at = NumberAttribute(null=True)
    deleted_at = NumberAttribute(null=True)

    @classmethod
    def of(cls, track: Track) -> "TrackRow":
        return cls(
            pk=track_pk(track.id),
            sk=TRACK_SK,
            listed_id=track.id if track.deleted_at is None else None,
            due_shard=deadline_shard(track.id),
            scan_day=None if track.scanned_at is None or not _recheckable(track) else scan_day(track.scanned_at),
            **attributes_of(track),
        )

    def noun(self) -> Track:
        return noun_of(Track, self)


def _recheckable(track: Track) -> bool:
    return track.deleted_at is None and track.state in {TrackState.TRANSCODING, TrackState.PLAYABLE, TrackState.READY}


class UploadRow(CatalogueRow):
    id = UnicodeAttribute(attr_name="upload_id")
    track_id = UnicodeAttribute()
    filename = UnicodeAttribute()
    size_bytes = NumberAttribute()
    content_type = UnicodeAttribute()
    sha256 = UnicodeAttribute(null=True)
    client_token = UnicodeAttribute(null=True)
    strategy = EnumAttribute(Strategy)
    multipart_id = UnicodeAttribute(null=True)
    state = EnumAttribute(UploadState)
    created_at = NumberAttribute()
    expires_at = NumberAttribute()

    @classmethod
    def of(cls, upload: Upload) -> "UploadRow":
        return cls(pk=upload_pk(upload.id), sk=UPLOAD_SK, **attributes_of(upload))

    def noun(self) -> Upload:
        return noun_of(Upload, self)


class ClientTokenRow(CatalogueRow):
    """Makes an owner's client token unique: it leads to the upload it was first used for."""

    upload_id = UnicodeAttribute()

    @classmethod
    def of(cls, upload: Upload, client_token: str) -> "ClientTokenRow":
        pk, sk = client_token_key(upload.owner_id, client_token)
        return cls(pk=pk, sk=sk, upload_id=upload.id)


class VerdictRow(CatalogueRow):
    object = ValueAttribute(StoredObject)
    etag = UnicodeAttribute()
    sha256 = UnicodeAttribute()
    verdict = EnumAttribute(Verdict)
    signature = UnicodeAttribute(null=True)
    definitions_version = UnicodeAttribute()
    scanned_at = NumberAttribute()

    @classmethod
    def of(cls, verdict: ScanVerdict) -> "VerdictRow":
        return cls(
            pk=object_pk(verdict.object.bucket, verdict.object.key),
            sk=verdict_sk(verdict.object.version_id, verdict.definitions_version),
            **attributes_of(verdict),
        )

    def noun(self) -> ScanVerdict:
        return noun_of(ScanVerdict, self)
