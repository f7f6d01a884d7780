"""Wire shapes of passkeys. Options and credentials are what browsers speak (WebAuthn §5.1.8, §5.1.9)."""

from typing import Any, Self

from pydantic import Field, JsonValue

from api.sign_in.schemas import Client
from api.wire import Flag, Timestamp, Wire
from core.domain.passkeys import NAME_MAX, Ceremony, Passkey

CREDENTIAL = Field(description="What `navigator.credentials` gave, as its `toJSON()` writes it.")


class CeremonyView(Wire):
    options: dict[str, Any] = Field(
        description="For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`."
    )

    @classmethod
    def of(cls, ceremony: Ceremony) -> Self:
        return cls(options=dict(ceremony.options))


class NewPasskey(Wire):
    name: str = Field(max_length=4 * NAME_MAX, examples=["My phone"])
    credential: dict[str, JsonValue] = CREDENTIAL


class PasskeyName(Wire):
    name: str = Field(max_length=4 * NAME_MAX)


class PasskeySignIn(Wire):
    credential: dict[str, JsonValue] = CREDENTIAL
    remember: Flag = False
    client: Client = "browser"


class PasskeyStepUp(Wire):
    credential: dict[str, JsonValue] = CREDENTIAL
    client: Client = "browser"


class PasskeyView(Wire):
    id: str
    name: str
    backed_up: bool = Field(description="Synchronised between your devices.")
    created_at: Timestamp
    last_used_at: Timestamp | None

    @classmethod
    def of(cls, passkey: Passkey) -> Self:
        return cls(
            id=passkey.id,
            name=passkey.name,
            backed_up=passkey.backed_up,
            created_at=passkey.created_at,
            last_used_at=passkey.last_used_at,
        )


class Passkeys(Wire):
    items: list[PasskeyView]
