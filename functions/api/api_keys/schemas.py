"""Wire shapes of API keys."""

from typing import Self

from pydantic import Field

from api.api_keys.service import Made
from api.wire import Id, Timestamp, Wire
from core.domain.api_keys import LIFE_MAX_S, NAME_MAX, ApiKey, Scope
from core.domain.ids import EpochSeconds


class ApiKeyRequest(Wire):
    name: str = Field(max_length=4 * NAME_MAX, examples=["My backup script"])
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope))
    expires_in: int = Field(strict=True, ge=1, le=LIFE_MAX_S, description="Seconds until it ends; a year at most.")


class ApiKeyView(Wire):
    id: Id
    name: str
    scopes: list[Scope]
    created_at: Timestamp
    expires_at: Timestamp
    last_used_at: Timestamp | None = Field(description="To the minute.")

    @classmethod
    def of(cls, key: ApiKey, last_used_at: EpochSeconds | None = None) -> Self:
        return cls(
            id=key.id,
            name=key.name,
            scopes=sorted(key.scopes),
            created_at=key.created_at,
            expires_at=key.expires_at,
            last_used_at=last_used_at,
        )


class NewApiKey(ApiKeyView):
    key: str = Field(description="Shown once: `Authorization: Bearer …`.")

    @classmethod
    def made(cls, made: Made) -> Self:
        return cls(**ApiKeyView.of(made.key).model_dump(), key=made.text)


class ApiKeys(Wire):
    items: list[ApiKeyView]
