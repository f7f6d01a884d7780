"""The only reader of the environment: one frozen dataclass per function, loaded by `load`.

A field's variable is `VEZA_` + its name in capitals. Infra gives each function exactly the variables of its
class (tests/infra compares the two).
"""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsApi(Common):
    accounts_table: str
    outbox_table: str
    jwt_secret: str
    token_algorithm: str
    """`RS256`, or `HS256` where the stage says so."""
    audit_table: str
    audit_days: int
    """How long the audit is kept."""
    counters_table: str
    exports_bucket: str
    edge_secret: str
    """What the CDN sends along, so that its word counts (api/origin.py)."""
    oauth_secret: str
    """Credentials of identity providers; `{}` without any."""
    page_url: str
    """Where the page is: passkeys are bound to it, and providers send browsers back to it."""
    sealing_key: str
    """ARN of the KMS key that seals secrets we must read again."""
    limit_factor: int
    """Multiplies every rate limit: 1 where people are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueApi(Common):
    accounts_table: str
    catalogue_table: str
    outbox_table: str
    uploads_bucket: str
    jwt_secret: str
    token_algorithm: str
    media_secret: str
    media_url: str
    scan_queue_url: str
    audit_table: str
    audit_days: int
    counters_table: str
    edge_secret: str
    limit_factor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatApi(Common):
    accounts_table: str
    catalogue_table: str
    chat_table: str
    realtime_table: str
    uploads_bucket: str
    attachments_bucket: str
    counters_table: str
    audit_table: str
    audit_days: int
    jwt_secret: str
    token_algorithm: str
    edge_secret: str
    limit_factor: int
    page_url: str
    """Where browsers that ask for a ticket must be."""
    chat_url: str
    """Where clients open the chat socket."""
    stream_url: str
    chat_endpoint: str
    """Where its connections are managed."""
    deliveries_queue_url: str
    ice_urls: str
    """STUN and TURN servers for calls, with blanks between, or `none`."""
    turn_secret: str
    """Shared with the TURN servers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSocket(Common):
    accounts_table: str
    catalogue_table: str
    chat_table: str
    realtime_table: str
    counters_table: str
    limit_factor: int
    chat_endpoint: str
    deliveries_queue_url: str
    silence_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSocket(Common):
    accounts_table: str
    catalogue_table: str
    realtime_table: str
    counters_table: str
    outbox_table: str
    media_bucket: str
    media_secret: str
    media_url: str
    limit_factor: int
    stream_endpoint: str
    deliveries_queue_url: str
    silence_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries(Common):
    realtime_table: str
    chat_endpoint: str
    stream_endpoint: str
    deliveries_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformApi(Common):
    accounts_table: str
    catalogue_table: str
    operations_table: str
    definitions_bucket: str
    media_bucket: str
    uploads_bucket: str
    definitions_max_age_h: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(Common):
    catalogue_table: str
    chat_table: str
    operations_table: str
    outbox_table: str
    uploads_bucket: str
    originals_bucket: str
    attachments_bucket: str
    quarantine_bucket: str
    definitions_bucket: str
    media_bucket: str
    clamd: str
    """Path of the clamd program."""
    definitions_max_age_h: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcode(Common):
    catalogue_table: str
    outbox_table: str
    media_bucket: str
    originals_bucket: str
    parts_queue_url: str
    """Where the parts of tracks are asked for."""
    ffmpeg: str
    """Path of the ffmpeg program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay(Common):
    outbox_table: str
    bus: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail(Common):
    accounts_table: str
    catalogue_table: str
    operations_table: str
    mail_from: str
    app_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy(Common):
    accounts_table: str
    catalogue_table: str
    outbox_table: str
    audit_table: str
    chat_table: str
    realtime_table: str
    exports_bucket: str
    attachments_bucket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closings(Common):
    accounts_table: str
    outbox_table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep(Common):
    catalogue_table: str
    chat_table: str
    operations_table: str
    outbox_table: str
    uploads_bucket: str
    originals_bucket: str
    quarantine_bucket: str
    media_bucket: str
    attachments_bucket: str
    definitions_bucket: str
    scan_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions(Common):
    operations_table: str
    definitions_bucket: str
    definitions_mirror: str
    """`none`; or `official` or a private mirror's URL, and URLs of single files, with blanks between."""
    freshclam: str
    """Path of the freshclam program."""
    clamscan: str
    """Path of the clamscan program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys(Common):
    jwt_secret: str
    token_algorithm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Common):
    web_bucket: str


SettingsT = TypeVar("SettingsT", bound=Common)


def variable(field_name: str) -> str:
    """The environment variable of a settings field."""
    return f"VEZA_{field_name.upper()}"


def load(kind: type[SettingsT], environ: Mapping[str, str] = os.environ) -> SettingsT:
    """The settings of one function; RuntimeError names every variable that is missing."""
    missing = [variable(f.name) for f in fields(kind) if f.default is MISSING and not environ.get(variable(f.name))]
    if missing:
        raise RuntimeError(f"missing environment variables: {', '.join(missing)}")
    values = {f.name: environ[variable(f.name)] for f in fields(kind) if variable(f.name) in environ}
    numbers = {f.name for f in fields(kind) if f.type is int}
    return kind(**{name: int(text) if name in numbers else text for name, text in values.items()})  # type: ignore[arg-type]


def in_sandbox() -> bool:
    """Whether this is a Lambda function's sandbox (Lambda Developer Guide, defined runtime environment variables)."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ
