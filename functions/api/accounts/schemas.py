"""Wire shapes of accounts."""

from typing import Self

from pydantic import EmailStr, Field, SecretStr

from api.wire import PRESENTED_PASSWORD_MAX, TOKEN_MAX, Id, Timestamp, Wire
from core.domain.accounts import Account
from core.domain.limits import PASSWORD_MAX, PASSWORD_MIN
from core.domain.permissions import Role


class Registration(Wire):
    email: EmailStr = Field(max_length=254)
    username: str = Field(max_length=64, description="3 to 30 letters, digits, `-` or `_`; stored in lower case.")
    password: SecretStr = Field(
        max_length=PRESENTED_PASSWORD_MAX, description=f"{PASSWORD_MIN}–{PASSWORD_MAX} characters."
    )


class UsernameCheck(Wire):
    available: bool


class Verification(Wire):
    token: SecretStr = Field(min_length=1, max_length=TOKEN_MAX)


class User(Wire):
    """An account as its owner sees it."""

    id: Id
    email: str
    username: str
    email_verified: bool
    roles: list[Role]
    second_factor: bool = Field(description="Whether a sign-in takes a code too.")
    created_at: Timestamp
    closing_at: Timestamp | None = Field(description="When the account will be erased, if it is not kept.")

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(
            id=account.id,
            email=account.email,
            username=account.username,
            email_verified=account.email_verified,
            roles=sorted(account.roles),
            second_factor=account.second_factor_since is not None,
            created_at=account.created_at,
            closing_at=account.closing_at,
        )
