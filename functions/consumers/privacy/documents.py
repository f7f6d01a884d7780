"""What an export tells, as JSON: what is shown of each noun is named here, so that no secret gets out by being new."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from core.domain.accounts import Account
from core.domain.api_keys import ApiKey
from core.domain.audit import AuditEntry
from core.domain.chat_messages import ChatMessage
from core.domain.consents import Consent
from core.domain.conversations import Blocked, Conversation, Member
from core.domain.logins import Login
from core.domain.passkeys import Passkey
from core.domain.playback_sessions import PlaybackSession
from core.domain.presence import Chosen
from core.domain.providers import Connection
from core.domain.sessions import Session
from core.domain.tracks import Track

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SHOWN: Final[Mapping[type, tuple[str, ...]]] = {
    Account: ("id", "email", "username", "email_verified", "created_at", "roles", "suspended_at", "second_factor_since",
              "closing_at"),
    Session: ("id", "created_at", "rotated_at", "expires_at", "remembered", "proved_at", "strong", "origin"),
    Login: ("at", "way", "outcome", "origin"),
    Passkey: ("id", "name", "backed_up", "created_at", "last_used_at"),
    Connection: ("provider", "subject", "name", "connected_at"),
    ApiKey: ("id", "name", "scopes", "created_at", "expires_at"),
    Consent: ("document", "version", "granted", "at", "by_signal", "origin"),
    AuditEntry: ("at", "action", "target", "asked", "status", "code", "by", "origin"),
    Track: ("id", "title", "filename", "size_bytes", "sha256", "visibility", "state", "reason", "created_at",
            "updated_at", "scanned_at", "hidden_at", "source", "media"),
    Conversation: ("id", "kind", "title", "created_by", "created_at", "slow_mode_s"),
    Member: ("conversation_id", "role", "state", "since", "muted_until", "read", "delivered"),
    ChatMessage: ("conversation_id", "seq", "sent_at", "text", "reply_to", "mentions", "track_id", "attachments",
                  "edited_at", "pinned", "reactions"),
    Blocked: ("account_id",),
    Chosen: ("status", "track_id", "since"),
    PlaybackSession: ("state", "track_id", "duration_ms", "position_ms", "at", "heard_ms", "counted"),
}  # fmt: skip
WITHHELD: Final[Mapping[type, frozenset[str]]] = {
    Account: frozenset({"password_hash", "former_passwords", "token_version", "erased_at", "revision"}),
    Session: frozenset({"account_id", "token_hash", "previous_hash", "token_version"}),
    Login: frozenset({"id", "account_id"}),
    Passkey: frozenset({"account_id", "public_key", "sign_count"}),
    Connection: frozenset({"account_id", "sealed_tokens"}),
    ApiKey: frozenset({"account_id", "secret_hash"}),
    Consent: frozenset({"id", "account_id"}),
    AuditEntry: frozenset({"id", "actor", "subject", "duration_ms", "request_id", "gateway_id"}),
    Track: frozenset(
        {"owner_id", "upload_id", "attempt", "revision", "deadline", "redrives", "lease_until", "progress", "incoming",
         "original", "deleted_at"}
    ),
    Conversation: frozenset({"revision"}),
    Member: frozenset({"account_id", "revision"}),
    ChatMessage: frozenset({"author_id", "client_id", "deleted_at", "revision"}),
    Blocked: frozenset(),
    Chosen: frozenset({"account_id"}),
    PlaybackSession: frozenset({"account_id", "device", "media_until", "bandwidth", "revision"}),
}  # fmt: skip
"""Secrets, and what is ours alone. A test fails for a field that is in neither table."""
_TIMES: Final = ("at", "_at", "_since")
_IN_MS: Final = 10**11
"""A number of seconds since 1970 that large would be in the year 5138: it is one of milliseconds."""


def document(nouns: "DataclassInstance | Iterable[DataclassInstance]") -> bytes:
    """One noun, or a list of them, as JSON for people and programs."""
    told = _told(nouns) if is_dataclass(nouns) else [_told(noun) for noun in nouns]
    return json.dumps(told, indent=2, ensure_ascii=False, default=_plain).encode() + b"\n"


def _told(noun: Any) -> dict[str, Any]:
    return {name: _value(name, getattr(noun, name)) for name in SHOWN[type(noun)]}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and name.endswith(_TIMES):
        return datetime.fromtimestamp(value / 1000 if value > _IN_MS else value, UTC).isoformat()
    return value


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} can't be told in JSON")
