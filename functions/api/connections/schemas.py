"""Wire shapes of identities elsewhere."""

from typing import Literal, Self

from pydantic import Field, SecretStr

from api.sign_in.schemas import Client
from api.wire import CODE_MAX, TOKEN_MAX, Flag, Timestamp, Wire
from core.domain.providers import Connection


class ProviderView(Wire):
    name: str = Field(examples=["google"])
    label: str = Field(examples=["Google"])


class Providers(Wire):
    items: list[ProviderView]


class VisitRequest(Wire):
    purpose: Literal["sign_in", "connect"] = Field(
        default="sign_in", description="`connect` ties the identity to the account that is signed in."
    )


class Visit(Wire):
    authorize_url: str = Field(description="Where to send the browser.")


class ProviderSignIn(Wire):
    ticket: SecretStr = Field(
        min_length=1, max_length=TOKEN_MAX, description="From the address the browser came back to."
    )
    code: SecretStr | None = Field(default=None, max_length=CODE_MAX, description="If the account has a second factor.")
    remember: Flag = False
    client: Client = "browser"


class ConnectionView(Wire):
    provider: str
    name: str = Field(description="Who you are there.")
    connected_at: Timestamp

    @classmethod
    def of(cls, connection: Connection) -> Self:
        return cls(provider=connection.provider, name=connection.name, connected_at=connection.connected_at)


class Connections(Wire):
    items: list[ConnectionView]
