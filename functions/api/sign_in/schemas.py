"""Wire shapes of signing in and out."""

from typing import Literal, Self

from pydantic import Field, SecretStr

from api.accounts.schemas import User
from api.sign_in.service import SignedIn
from api.wire import CODE_MAX, PRESENTED_PASSWORD_MAX, TOKEN_MAX, Flag, PresentedAddress, Wire
from core.domain.limits import ACCESS_TOKEN_S

Client = Literal["browser", "native"]


class Credentials(Wire):
    email: PresentedAddress
    password: SecretStr = Field(max_length=PRESENTED_PASSWORD_MAX)
    code: SecretStr | None = Field(
        default=None,
        max_length=CODE_MAX,
        description="Of the authenticator app, or a recovery code; asked for by `second_factor_required`.",
    )
    remember: Flag = Field(default=False, description="Stay signed in for 90 days without a visit, instead of 30.")
    client: Client = Field(
        default="browser", description="`native` clients keep no cookies: they get the tokens in the body."
    )


class RefreshRequest(Wire):
    refresh_token: SecretStr | None = Field(
        default=None, min_length=1, max_length=TOKEN_MAX, description="Instead of the cookie; answered in the body too."
    )


class LogoutRequest(Wire):
    refresh_token: SecretStr | None = Field(default=None, min_length=1, max_length=TOKEN_MAX)


class RevocationRequest(Wire):
    token: SecretStr = Field(min_length=1, max_length=4096, description="An access token or a refresh token.")


class Tokens(Wire):
    """A session. Browsers have it in cookies that no script can read; native clients get it here."""

    access_token: str | None = Field(default=None, description="Only for native clients.")
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - RFC 6750
    expires_in: int = Field(default=ACCESS_TOKEN_S, description="Seconds the access token is good for.")
    user: User
    refresh_token: str | None = Field(default=None, description="Only for native clients.")

    @classmethod
    def of(cls, outcome: SignedIn) -> Self:
        return cls(
            access_token=outcome.access_token, user=User.of(outcome.account), refresh_token=outcome.refresh_token
        )

    @classmethod
    def in_cookies(cls, outcome: SignedIn) -> Self:
        return cls(user=User.of(outcome.account))
