"""One line makes a noun: every field has a sensible value, and a test names only those it is about."""

from dataclasses import replace
from typing import Any

from core.domain.accounts import Account
from core.domain.attachments import UNSAID_KEEP_S, Attachment, AttachmentId
from core.domain.conversations import ConversationId
from core.domain.ids import (
    AccountId,
    Bytes,
    DurationMs,
    EpochSeconds,
    EventId,
    Samples,
    SessionId,
    TrackId,
    UploadId,
    new_id,
)
from core.domain.limits import STAGE_DEADLINE_S, UPLOAD_EXPIRES_S
from core.domain.media import Codec, Container, Loudness, MediaResult, Rendition, SourceFacts, Tags
from core.domain.reasons import ReasonCode
from core.domain.sessions import Origin, Proof, Session, Way
from core.domain.tickets import Purpose, Ticket
from core.domain.tracks import Progress, StoredObject, Track, TrackState, Visibility
from core.domain.uploads import Strategy, Upload, UploadState
from core.domain.verdicts import Definitions, ScanVerdict, Verdict
from core.messages.envelope import Envelope
from core.messages.message import Message

NOW = EpochSeconds(1_800_000_000)
"""The moment at which tests happen."""


def an_account(**changes: Any) -> Account:
    """Verified."""
    account = Account(
        id=AccountId(new_id()),
        email="ada@example.com",
        username="ada",
        password_hash="$argon2id$not-a-real-hash",
        email_verified=True,
        created_at=NOW,
    )
    return replace(account, **changes)


def a_session(account: Account | None = None, **changes: Any) -> Session:
    session = Session.opened(
        SessionId(new_id()),
        account or an_account(),
        token_hash="a" * 64,
        remembered=False,
        proof=Proof(way=Way.PASSWORD, strong=True),
        origin=an_origin(),
        now=NOW,
    )
    return replace(session, **changes)


def an_attachment(**changes: Any) -> Attachment:
    """Announced: a small picture."""
    attachment = Attachment(
        id=AttachmentId(new_id()),
        conversation_id=ConversationId(new_id()),
        owner_id=AccountId(new_id()),
        filename="cover.png",
        size_bytes=Bytes(1000),
        content_type="image/png",
        sha256=None,
        created_at=NOW,
        expires_at=EpochSeconds(NOW + UNSAID_KEEP_S),
    )
    return replace(attachment, **changes)


def a_ticket(**changes: Any) -> Ticket:
    ticket = Ticket(
        secret_hash="hash",
        purpose=Purpose.VERIFY_EMAIL,
        account_id=AccountId(new_id()),
        expires_at=EpochSeconds(NOW + 3600),
    )
    return replace(ticket, **changes)


def an_origin(**changes: Any) -> Origin:
    return replace(Origin(address="192.0.2.1", device="Firefox on Linux", place="Lyon, FR"), **changes)


def an_upload(track: Track | None = None, **changes: Any) -> Upload:
    """Open, a single PUT; of `track` if one is given."""
    owner = track or a_track()
    upload = Upload(
        id=owner.upload_id,
        track_id=owner.id,
        owner_id=owner.owner_id,
        filename=owner.filename,
        size_bytes=owner.size_bytes,
        content_type="audio/wav",
        sha256=None,
        client_token=None,
        strategy=Strategy.PUT,
        multipart_id=None,
        state=UploadState.OPEN,
        created_at=owner.created_at,
        expires_at=EpochSeconds(owner.created_at + UPLOAD_EXPIRES_S),
    )
    return replace(upload, **changes)


def a_track(**changes: Any) -> Track:
    """A draft, announced now."""
    track = Track(
        id=TrackId(new_id()),
        owner_id=AccountId(new_id()),
        upload_id=UploadId(new_id()),
        title="First Light",
        filename="first light.wav",
        size_bytes=Bytes(1_764_044),
        visibility=Visibility.PUBLIC,
        state=TrackState.DRAFT,
        created_at=NOW,
        updated_at=NOW,
        deadline=EpochSeconds(NOW + STAGE_DEADLINE_S["draft"]),
    )
    return replace(track, **changes)


def an_uploaded_track(**changes: Any) -> Track:
    """Its bytes arrived."""
    track = a_track().moved(TrackState.UPLOADED, NOW)
    return replace(track, **{"incoming": an_object(key=f"incoming/{track.id}/{track.upload_id}"), **changes})


def a_scanned_track(**changes: Any) -> Track:
    """Clean, promoted, waiting for the transcoder."""
    scanning = an_uploaded_track().moved(TrackState.SCANNING, NOW)
    track = replace(
        scanning.moved(TrackState.TRANSCODING, NOW),
        original=an_object(bucket="originals", key=f"{scanning.id}/{'5' * 64}"),
        sha256="5" * 64,
        source=source_facts(),
    )
    return replace(track, **changes)


def a_ready_track(**changes: Any) -> Track:
    """Transcoded; anybody may hear it."""
    playable = a_scanned_track().moved(TrackState.PLAYABLE, NOW)
    return replace(playable.ended(TrackState.READY, None, NOW), **{"media": a_media_result(), **changes})


def a_failed_track(reason: ReasonCode = ReasonCode.TIMED_OUT, **changes: Any) -> Track:
    """Ended by a fault of ours; may be retried."""
    return replace(an_uploaded_track().ended(TrackState.FAILED, reason, NOW), **changes)


def an_object(**changes: Any) -> StoredObject:
    """One version in the uploads bucket."""
    return replace(StoredObject(bucket="uploads", key=f"incoming/{new_id()}/{new_id()}", version_id="v1"), **changes)


def progress(**changes: Any) -> Progress:
    return replace(Progress(stage="transcoding", percent=40, eta_s=12), **changes)


def source_facts(**changes: Any) -> SourceFacts:
    """Ten seconds of CD audio in WAV."""
    facts = SourceFacts(
        container=Container.WAV,
        codec=Codec.PCM,
        sample_rate=44_100,
        channels=2,
        bits_per_sample=16,
        samples=Samples(441_000),
    )
    return replace(facts, **changes)


def a_media_result(**changes: Any) -> MediaResult:
    """What a transcode of `source_facts()` leaves behind."""
    result = MediaResult(
        content_id="0123456789abcdef",
        samples=Samples(441_000),
        sample_rate=44_100,
        channels=2,
        duration_ms=DurationMs(10_000),
        encoder_delay=Samples(1_024),
        lossless=True,
        loudness=Loudness(integrated_lufs=-16.2, true_peak_db=-1.5, gain_db=0.5),
        renditions=(
            Rendition(
                name="aac-128",
                codec="mp4a.40.2",
                bandwidth=136_000,
                average_bandwidth=131_000,
                sample_rate=44_100,
                channels=2,
            ),
        ),
        tags=Tags(title="First Light", artist="Ada"),
        fingerprint="AQAAC0kkZUqYREkU",
        has_cover=True,
        download_bytes=401_234,
    )
    return replace(result, **changes)


def definitions(**changes: Any) -> Definitions:
    """Fresh ones."""
    fresh = Definitions(version="27800", built_at=NOW, signatures=8_700_000, source="official")
    return replace(fresh, **changes)


def a_verdict(**changes: Any) -> ScanVerdict:
    """Clean."""
    verdict = ScanVerdict(
        object=an_object(),
        etag="9b2cf535f27731c974343645a3985328",
        sha256="5" * 64,
        verdict=Verdict.CLEAN,
        signature=None,
        definitions_version="27800",
        scanned_at=NOW,
    )
    return replace(verdict, **changes)


def an_envelope(message: Message, **changes: Any) -> Envelope:
    """`message` as it travels over outbox, bus and queues."""
    envelope = Envelope(
        id=EventId(new_id()),
        type=message.type,
        version=message.version,
        occurred_at=NOW,
        data=message.model_dump(mode="json"),
    )
    return envelope.model_copy(update=changes)
