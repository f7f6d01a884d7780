"""Protocols at the true seams. Fakes live in tests/fakes; a contract suite runs on each fake and real adapter."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, BinaryIO, Protocol

from core.domain.ids import AccountId, Bytes, EpochMs, EpochSeconds
from core.domain.passkeys import Ceremony, NewCredential, Passkey
from core.domain.providers import Identity
from core.domain.sockets import ConnectionId
from core.domain.tracks import StoredObject
from core.domain.verdicts import Definitions, Verdict
from core.messages import Envelope


class Clock(Protocol):
    def now(self) -> EpochSeconds: ...

    def now_ms(self) -> EpochMs: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo:
    object: StoredObject
    etag: str
    size_bytes: Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPart:
    part_number: int
    etag: str
    size_bytes: Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """`headers` are part of the signature: the client must send them exactly."""

    url: str
    headers: dict[str, str]


class ObjectStore(Protocol):
    """Versioned object storage. Raises ObjectGone for what does not exist, StorageUnavailable for faults."""

    def head(self, bucket: str, key: str, version_id: str | None = None) -> ObjectInfo:
        """The newest version unless `version_id` is given."""
        ...

    def read_range(self, obj: StoredObject, start: int, end: int) -> bytes:
        """Bytes start..end-1 of that very version; short only at the end of the object, empty behind it."""
        ...

    def copy(self, source: StoredObject, bucket: str, key: str) -> StoredObject:
        """Server-side copy of that very version (multipart above 5 GB limits)."""
        ...

    def put(
        self,
        bucket: str,
        key: str,
        body: bytes,
        *,
        content_type: str,
        cache_control: str = "",
        content_encoding: str = "",
        if_match: str = "",
    ) -> None:
        """Raises Conflict(`object_changed`) if `if_match` is given and is not the ETag of what lies there now."""
        ...

    def put_stream(
        self,
        bucket: str,
        key: str,
        chunks: Iterable[bytes],
        *,
        content_type: str,
        cache_control: str = "",
        content_disposition: str = "",
    ) -> Bytes:
        """Multipart upload of a stream of unknown length with flat memory; returns its size. Aborts on error."""
        ...

    def delete(self, obj: StoredObject) -> None:
        """Deletes that very version; no error if it is gone."""
        ...

    def delete_prefix(self, bucket: str, prefix: str) -> int:
        """Deletes every version below `prefix`; returns how many."""
        ...

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]: ...


class UploadDoor(Protocol):
    """Signs what a client may send straight to the uploads bucket; no byte passes through us."""

    def sign_put(
        self, key: str, *, size_bytes: Bytes, content_type: str, sha256: str | None, expires_s: int
    ) -> SignedRequest:
        """A PUT for exactly these bytes that works once (`If-None-Match: *`)."""
        ...

    def start_multipart(self, key: str, *, content_type: str) -> str: ...

    def sign_part(
        self, key: str, multipart_id: str, part_number: int, *, size_bytes: Bytes, expires_s: int
    ) -> SignedRequest: ...

    def list_parts(self, key: str, multipart_id: str) -> list[StoredPart]:
        """Parts already stored; empty if the multipart upload is finished or gone."""
        ...

    def complete_multipart(self, key: str, multipart_id: str, parts: Sequence[tuple[int, str]]) -> None:
        """Idempotent: completing a completed upload is no error.

        Raises InvalidInput(`parts_mismatch`) if the parts don't fit, Conflict(`upload_closed`) after an abort.
        """
        ...

    def abort_multipart(self, key: str, multipart_id: str) -> None:
        """No error if it is completed or gone."""
        ...


class DownloadDoor(Protocol):
    """Signs what somebody may fetch straight from storage."""

    def sign_get(self, key: str, *, filename: str, content_type: str, expires_s: int, inline: bool = False) -> str:
        """An URL that is saved under that name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineAnswer:
    """`signature` names what was found (infected) or why the engine gave up (unscannable, error)."""

    verdict: Verdict
    signature: str | None
    definitions: Definitions


class Scanner(Protocol):
    """A warm virus scanner. Raises ScannerUnavailable if it can't answer; never says CLEAN by default."""

    def scan(self, file: BinaryIO) -> EngineAnswer:
        """Scans by descriptor (`file.fileno()`), from the start, without copying."""
        ...

    def definitions(self) -> Definitions: ...


class Bus(Protocol):
    def publish(self, envelopes: Sequence[Envelope]) -> list[Envelope]:
        """Publishes all it can; returns those the bus refused. Raises QueueUnavailable if nothing went out."""
        ...


class Queue(Protocol):
    def send(self, body: str, *, delay_s: int = 0) -> None:
        """Comes after `delay_s`, at most 900. Raises QueueUnavailable."""
        ...


class Mailer(Protocol):
    def send(self, *, to: str, subject: str, text: str, html: str) -> None:
        """Raises MailUnavailable."""
        ...


class PasswordHasher(Protocol):
    def hash(self, password: str) -> str: ...

    def verify(self, hashed: str, password: str) -> bool:
        """False for a wrong password; takes the same time for a hash that is no account's (`decoy`)."""
        ...

    def is_outdated(self, hashed: str) -> bool:
        """Whether a password that fits should be hashed anew: another algorithm, or weaker parameters."""
        ...

    def decoy(self) -> str:
        """A valid hash of a password nobody knows."""
        ...


class PasswordGuesser(Protocol):
    def guesses(self, password: str, own_words: Sequence[str]) -> int:
        """How many tries somebody needs who knows common passwords, patterns and the person's own words."""
        ...


class OneTimeCodes(Protocol):
    """Codes of an authenticator app: TOTP, 6 digits, SHA-1, 30 seconds, which is all that apps agree on (RFC 6238)."""

    def new_secret(self) -> str:
        """In base32, as apps take it."""
        ...

    def uri(self, secret: str, account: str) -> str:
        """`otpauth://…`, which apps read from a QR code."""
        ...

    def step_of(self, secret: str, code: str, now: EpochSeconds) -> int | None:
        """The step that `code` is of, one before or after that of `now` at most; None for a wrong code."""
        ...


class PasskeyEngine(Protocol):
    """The server's half of WebAuthn. Asks for discoverable credentials and for user verification, so that a passkey is
    two factors in one. Whatever does not verify is InvalidInput(`passkey_invalid`)."""

    def registration(self, account_id: AccountId, username: str, known: Sequence[str]) -> Ceremony:
        """For a new passkey, on a device that has none of `known` (credential ids)."""
        ...

    def sign_in(self) -> Ceremony:
        """For whoever has a passkey."""
        ...

    def challenge_of(self, credential: Mapping[str, Any]) -> str:
        """The challenge (base64url) that was signed."""
        ...

    def owner_of(self, credential: Mapping[str, Any]) -> tuple[AccountId, str]:
        """Whose passkey it says to be, and its credential id."""
        ...

    def verify_registration(self, credential: Mapping[str, Any], challenge: str) -> NewCredential: ...

    def verify_sign_in(self, credential: Mapping[str, Any], challenge: str, passkey: Passkey) -> int:
        """The new signature count. A count that ran back means a copy: refused like any other."""
        ...


class IdentityProviders(Protocol):
    """Those that this stage has credentials for. Unknown names are NotFound(`provider_unknown`)."""

    def labels(self) -> Mapping[str, str]:
        """Name → label for people."""
        ...

    def authorize_url(self, provider: str, *, state: str, verifier: str) -> str:
        """Where to send the browser, with PKCE S256 of `verifier`."""
        ...

    def identify(self, provider: str, *, code: str, verifier: str) -> Identity:
        """Exchanges the code and asks who it is of.

        Raises InvalidInput(`provider_refused`) if the code is no good, ProviderUnavailable.
        """
        ...


class Sealer(Protocol):
    """Encrypts what we must be able to read again. `context` has to be the same for both, so that one row's secret is
    worth nothing in another row. Raises Unavailable."""

    def seal(self, text: str, context: str) -> str: ...

    def open(self, sealed: str, context: str) -> str:
        """Raises Unavailable for what was not sealed in that context, too: nothing can be done with it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """`token_id` is the `jti`, `token_version` the account's at the time (RFC 9068 §2.2)."""

    account_id: str
    session_id: str
    token_id: str
    token_version: int
    issued_at: EpochSeconds
    expires_at: EpochSeconds


class TokenSigner(Protocol):
    def sign(self, claims: AccessClaims) -> str:
        """A compact JWS, RS256 with `kid` (RFC 7515, RFC 9068)."""
        ...

    def verify(self, token: str) -> AccessClaims:
        """Raises NotAuthenticated (codes `token_invalid`, `token_expired`)."""
        ...

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public keys, current and previous (RFC 7517)."""
        ...


class Secrets(Protocol):
    def get(self, name: str, *, max_age_s: int | None = None) -> str:
        """The current value, cached for minutes, or for `max_age_s` at most. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """All devices of `accounts`, and every socket that follows `room`; none of those of `but`."""

    accounts: tuple[AccountId, ...] = ()
    room: str | None = None
    but: AccountId | None = None


class Publisher(Protocol):
    """Brings a frame to everybody who should hear it: at most once, as sockets are. AppSync Events or IoT Core could
    stand behind this for large rooms (docs/realtime.md)."""

    def publish(self, audience: Audience, frame: str) -> int:
        """How many sockets it is on its way to. Raises Unavailable if it can't find out who they are."""
        ...


class Delivered(Enum):
    """What became of a frame."""

    YES = "yes"
    GONE = "gone"
    """The socket is closed for good."""
    LATER = "later"
    """The gateway is too busy, or did not answer in time."""


class Sockets(Protocol):
    """The gateway that holds the connections."""

    def post(self, connection_id: ConnectionId, frame: str) -> Delivered: ...

    def is_open(self, connection_id: ConnectionId) -> bool:
        """As far as the gateway knows; True if it does not answer."""
        ...

    def close(self, connection_id: ConnectionId) -> None:
        """Whether or not it is still there. Raises Unavailable."""
        ...
