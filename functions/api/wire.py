"""What all wire shapes share: unknown fields are refused, times are ISO 8601 in UTC, lists are pages."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, SecretStr, Strict, WithJsonSchema

from core.domain.ids import ID_PATTERN, EpochSeconds
from core.domain.limits import PAGE_DEFAULT, PAGE_MAX

API_PREFIX: Final = "/api/v1"
AUTH_PREFIX: Final = f"{API_PREFIX}/auth"
TOKEN_MAX: Final = 256
"""Characters of a token that we mail or hand out as a refresh token."""
CODE_MAX: Final = 64
PRESENTED_PASSWORD_MAX: Final = 1024
"""What may be tried at a sign-in; the rule of length is for new passwords."""
ItemT = TypeVar("ItemT")


class Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Flag = Annotated[bool, Strict()]
"""For what people agree to or ask for: `"no"` and 0 are a mistake, not an answer."""

Id = Annotated[str, Field(pattern=ID_PATTERN, examples=["0197a5c0-7b1e-7cc0-8000-3f2a9d4c5e6f"])]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the whole file, lower-case hex.")]


def _recognisable(address: str) -> str:
    """32 bits: enough to see that two attempts meant the same, too few to be sure of what was typed."""
    return f"sha256:{hashlib.sha256(address.strip().lower().encode()).hexdigest()[:8]}"


PresentedAddress = Annotated[str, Field(max_length=254), PlainSerializer(_recognisable, when_used="json")]
"""What somebody says is their address. Some type a password there by mistake, so nothing that keeps bodies keeps it."""


def plain(secret: SecretStr | None) -> str | None:
    """What was sent, if anything was."""
    return None if secret is None else secret.get_secret_value()


def _iso(at: EpochSeconds) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Timestamp = Annotated[
    EpochSeconds,
    PlainSerializer(_iso, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-23T17:00:00Z"]}),
]


class PageQuery(Wire):
    limit: int = Field(default=PAGE_DEFAULT, ge=1, le=PAGE_MAX)
    cursor: str | None = Field(default=None, max_length=1024, description="`next_cursor` of the page before.")


class PageOf(Wire, Generic[ItemT]):
    items: list[ItemT]
    next_cursor: str | None = Field(description="Ask for the next page with it; null on the last page.")
