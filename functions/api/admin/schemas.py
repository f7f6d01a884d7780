"""Wire shapes of the staff's routes."""

from typing import Self

from pydantic import Field

from api.wire import Id, Timestamp, Wire
from core.domain.accounts import Account
from core.domain.permissions import Role


class RolesRequest(Wire):
    roles: list[Role] = Field(max_length=len(Role), description="All roles the account shall have; `user` is implied.")


class AccountView(Wire):
    """An account as the staff sees it."""

    id: Id
    email: str
    username: str
    email_verified: bool
    roles: list[Role]
    suspended_at: Timestamp | None
    created_at: Timestamp

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(
            id=account.id,
            email=account.email,
            username=account.username,
            email_verified=account.email_verified,
            roles=sorted(account.roles),
            suspended_at=account.suspended_at,
            created_at=account.created_at,
        )
