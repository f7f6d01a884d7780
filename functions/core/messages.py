"""Versioned records that cross the outbox, the bus and the queues. A field is only ever added, with a default.

On the bus: `source` = "veza", `detail-type` = `{type}.v{version}`, `detail` = the Envelope as JSON.
One golden file per message in events/outbound/.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.domain.ids import ID_PATTERN
from core.domain.sockets import Door

Id = Annotated[str, Field(pattern=ID_PATTERN)]
BUS_SOURCE = "veza"


class Message(BaseModel):
    """Readers ignore fields they don't know, so that yesterday's consumer survives today's producer."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    type: ClassVar[str]
    version: ClassVar[int] = 1

    @classmethod
    def detail_type(cls) -> str:
        return f"{cls.type}.v{cls.version}"


class AccountRegistered(Message):
    """The mail consumer makes the ticket itself: no secret crosses the bus."""

    type: ClassVar[str] = "account.registered"
    account_id: Id


class VerificationAsked(Message):
    """The mail did not come, or the link has expired: another one, please."""

    type: ClassVar[str] = "account.verification-asked"
    account_id: Id


class PasswordResetAsked(Message):
    """The account need not exist: whoever asks must not learn that from our work."""

    type: ClassVar[str] = "password.reset-asked"
    account_id: Id


class PasswordChanged(Message):
    type: ClassVar[str] = "password.changed"
    account_id: Id


class SecondFactorChanged(Message):
    type: ClassVar[str] = "second-factor.changed"
    account_id: Id
    enabled: bool


class PasskeyChanged(Message):
    type: ClassVar[str] = "passkey.changed"
    account_id: Id
    name: str
    added: bool


class ConnectionChanged(Message):
    type: ClassVar[str] = "connection.changed"
    account_id: Id
    provider: str
    added: bool


class ApiKeyMade(Message):
    type: ClassVar[str] = "api-key.made"
    account_id: Id
    name: str


class RecoveryCodesRenewed(Message):
    type: ClassVar[str] = "recovery-codes.renewed"
    account_id: Id


class SignInLinkAsked(Message):
    """`bound_to` is the hash of what the asking browser keeps: the link works there alone. It need not exist."""

    type: ClassVar[str] = "sign-in.link-asked"
    account_id: Id
    bound_to: str


class EmailChangeAsked(Message):
    """The new address is with the account, not in here."""

    type: ClassVar[str] = "email.change-asked"
    account_id: Id


class AccountLocked(Message):
    """Wrong passwords closed the account to passwords for a while; its owner is told. The account need not exist."""

    type: ClassVar[str] = "account.locked"
    account_id: Id


class SessionReused(Message):
    """A used refresh token came again, so the session was closed; its owner is told."""

    type: ClassVar[str] = "session.reused"
    account_id: Id
    session_id: Id
    device: str
    """In words, such as "Firefox on Linux"; empty if it is not known."""


class AccountClosing(Message):
    """Its owner wants it erased. It need not be so any more: whoever reads this looks at the account."""

    type: ClassVar[str] = "account.closing"
    account_id: Id


class AccountKept(Message):
    """Its owner changed their mind in time."""

    type: ClassVar[str] = "account.kept"
    account_id: Id


class AccountErasureDue(Message):
    """The time to change one's mind is over. Said again every hour until the account is gone."""

    type: ClassVar[str] = "account.erasure-due"
    account_id: Id


class AccountErased(Message):
    """Nothing of it is left but this id, in what it did to others and in the audit for as long as that is kept."""

    type: ClassVar[str] = "account.erased"
    account_id: Id


class ExportAsked(Message):
    type: ClassVar[str] = "export.asked"
    account_id: Id
    export_id: Id


class ExportReady(Message):
    type: ClassVar[str] = "export.ready"
    account_id: Id
    export_id: Id


class TrackScanned(Message):
    """Clean, promoted, ready to be transcoded."""

    type: ClassVar[str] = "track.scanned"
    track_id: Id
    owner_id: Id
    attempt: int


class TrackPlayable(Message):
    type: ClassVar[str] = "track.playable"
    track_id: Id
    owner_id: Id
    attempt: int


class TranscodingCompleted(Message):
    """The track is `ready`."""

    type: ClassVar[str] = "transcoding.completed"
    track_id: Id
    owner_id: Id
    attempt: int


class TrackRejected(Message):
    type: ClassVar[str] = "track.rejected"
    track_id: Id
    owner_id: Id
    attempt: int
    reason: str


class TrackFailed(Message):
    type: ClassVar[str] = "track.failed"
    track_id: Id
    owner_id: Id
    attempt: int
    reason: str


class TrackDeleted(Message):
    type: ClassVar[str] = "track.deleted"
    track_id: Id
    owner_id: Id


class TrackPlayed(Message):
    """Somebody heard enough of it for a play (core/domain/playback_sessions.py), which is counted already."""

    type: ClassVar[str] = "track.played"
    track_id: Id
    account_id: Id


MESSAGES: dict[str, type[Message]] = {
    m.detail_type(): m
    for m in (
        AccountRegistered,
        VerificationAsked,
        PasswordResetAsked,
        PasswordChanged,
        SecondFactorChanged,
        PasskeyChanged,
        ConnectionChanged,
        ApiKeyMade,
        RecoveryCodesRenewed,
        SignInLinkAsked,
        EmailChangeAsked,
        AccountLocked,
        SessionReused,
        AccountClosing,
        AccountKept,
        AccountErasureDue,
        AccountErased,
        ExportAsked,
        ExportReady,
        TrackScanned,
        TrackPlayable,
        TranscodingCompleted,
        TrackRejected,
        TrackFailed,
        TrackDeleted,
        TrackPlayed,
    )
}


class Envelope(BaseModel):
    """What lies in the outbox and in `detail` on the bus; consumers are idempotent by `id`."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: Id
    type: str
    version: int
    occurred_at: int
    data: dict[str, object]

    @property
    def detail_type(self) -> str:
        return f"{self.type}.v{self.version}"

    def message(self) -> Message:
        """The typed message; KeyError for a type this code does not know, ValidationError for a broken one."""
        return MESSAGES[self.detail_type].model_validate(self.data)


class RescanRequest(BaseModel):
    """What the sweep puts on the scan queue for a track whose S3 event was lost; S3 events have `Records` instead."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: Literal["rescan"] = "rescan"
    bucket: str
    key: str


class RecheckRequest(BaseModel):
    """What the sweep puts on the scan queue for a promoted track when the virus definitions changed: its original is
    scanned again, and the track is withdrawn if something is found."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: Literal["recheck"] = "recheck"
    track_id: Id


class AttachmentRecheckRequest(BaseModel):
    """The same for a clean attachment of a message."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: Literal["recheck-attachment"] = "recheck-attachment"
    attachment_id: Id


class PartRequest(BaseModel):
    """What is put on the parts queue for each part of a track but its head."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: Literal["part"] = "part"
    track_id: Id
    owner_id: Id
    attempt: int
    number: int


class Delivery(BaseModel):
    """What is put on the deliveries queue: a frame, and the sockets of one door that it is for."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: Literal["delivery"] = "delivery"
    door: Door
    connections: list[str]
    frame: str
    attempt: int = 1


class SilenceCheck(BaseModel):
    """What is put on the silence queue, to come back when a socket must have said something."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: Literal["silence-check"] = "silence-check"
    connection_id: str


class DefinitionsFile(BaseModel):
    model_config = ConfigDict(frozen=True)
    name: str
    """File name in clamd's database folder, e.g. `main.cvd`."""
    key: str
    sha256: str


class DefinitionsManifest(BaseModel):
    """`definitions/current.json` in the definitions bucket: the pointer, moved only after a self-test.

    The files lie beside it under `definitions/{version}/` and never change.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    version: str
    built_at: int
    signatures: int
    source: Literal["official", "builtin"]
    files: tuple[DefinitionsFile, ...]


DEFINITIONS_POINTER = "definitions/current.json"
