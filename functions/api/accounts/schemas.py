"""Wire shapes of accounts."""

from typing import Literal, Self

from pydantic import EmailStr, Field, SecretStr

from api.accounts.service import SignedIn
from api.wire import Id, Timestamp, Wire
from core.domain.accounts import Account
from core.domain.limits import ACCESS_TOKEN_S, PASSWORD_MAX, PASSWORD_MIN

TOKEN_MAX = 256
PRESENTED_PASSWORD_MAX = 1024
"""What may be tried at a sign-in; the rule of length is for new passwords."""


class Registration(Wire):
    email: EmailStr = Field(max_length=254)
    username: str = Field(max_length=64, description="3 to 30 letters, digits, `-` or `_`; stored in lower case.")
    password: SecretStr = Field(
        max_length=PRESENTED_PASSWORD_MAX, description=f"{PASSWORD_MIN}–{PASSWORD_MAX} characters."
    )


class Verification(Wire):
    token: str = Field(min_length=1, max_length=TOKEN_MAX)


class Credentials(Wire):
    email: str = Field(max_length=254)
    password: SecretStr = Field(max_length=PRESENTED_PASSWORD_MAX)
    client: Literal["browser", "native"] = Field(
        default="browser", description="`native` clients keep no cookies: they get the refresh token in the body too."
    )


class RefreshRequest(Wire):
    client: Literal["browser", "native"] = "browser"
    refresh_token: str | None = Field(
        default=None, min_length=1, max_length=TOKEN_MAX, description="Instead of the cookie; answered in the body too."
    )


class LogoutRequest(Wire):
    refresh_token: str | None = Field(default=None, min_length=1, max_length=TOKEN_MAX)


class User(Wire):
    id: Id
    email: str
    username: str
    email_verified: bool
    created_at: Timestamp

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(
            id=account.id,
            email=account.email,
            username=account.username,
            email_verified=account.email_verified,
            created_at=account.created_at,
        )


class Tokens(Wire):
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - RFC 6750
    expires_in: int = Field(default=ACCESS_TOKEN_S, description="Seconds the access token is good for.")
    user: User
    refresh_token: str | None = Field(default=None, description="Only for native clients.")

    @classmethod
    def of(cls, outcome: SignedIn, *, native: bool) -> Self:
        return cls(
            access_token=outcome.access_token,
            user=User.of(outcome.account),
            refresh_token=outcome.refresh_token if native else None,
        )
