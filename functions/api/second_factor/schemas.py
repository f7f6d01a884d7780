"""Wire shapes of the second factor."""

from typing import Self

import segno
from pydantic import Field, SecretStr

from api.second_factor.service import SetUp
from api.sign_in.schemas import Client
from api.wire import CODE_MAX, PRESENTED_PASSWORD_MAX, Wire

CODE = Field(min_length=6, max_length=CODE_MAX, description="Of the authenticator app, or a recovery code.")


class SetUpRequest(Wire):
    password: SecretStr = Field(max_length=PRESENTED_PASSWORD_MAX)


class SetUpView(Wire):
    """Shown once."""

    secret: str = Field(description="In base32, to be typed into an authenticator app.")
    uri: str = Field(description="`otpauth://…`, to be opened by one on the same device.")
    qr: str = Field(description="The same as a picture to be photographed: a data URL of an SVG.")

    @classmethod
    def of(cls, found: SetUp) -> Self:
        picture = segno.make(found.uri, error="m").svg_data_uri(scale=5)
        return cls(secret=found.secret, uri=found.uri, qr=picture)


class AppCode(Wire):
    code: SecretStr = Field(min_length=6, max_length=8, description="Of the authenticator app.")


class PasswordAndCode(Wire):
    password: SecretStr = Field(max_length=PRESENTED_PASSWORD_MAX)
    code: SecretStr = CODE


class RecoveryCodes(Wire):
    """Shown once. Each opens the account one time, in the place of the app's code."""

    codes: list[str]


class StepUpRequest(Wire):
    password: SecretStr | None = Field(default=None, max_length=PRESENTED_PASSWORD_MAX)
    code: SecretStr | None = Field(default=None, max_length=CODE_MAX, description="If there is a second factor.")
    client: Client = "browser"
