"""Wire shapes of the staff's routes."""

from typing import Any, Self

from pydantic import Field

from api.sessions.schemas import OriginView
from api.wire import Id, PageQuery, Timestamp, Wire
from core.domain.accounts import Account
from core.domain.audit import AuditEntry
from core.domain.ids import ID_PATTERN
from core.domain.permissions import Role


class RolesRequest(Wire):
    roles: list[Role] = Field(max_length=len(Role), description="All roles the account shall have; `user` is implied.")


class AuditQuery(PageQuery):
    """One of the two."""

    account_id: str | None = Field(default=None, pattern=rf"{ID_PATTERN}|^anonymous$")
    day: str | None = Field(default=None, max_length=10, examples=["2026-11-25"], description="In UTC.")


class AuditEntryView(Wire):
    id: Id
    at: Timestamp
    actor: str = Field(description="An account's id, or `anonymous`.")
    by: str = Field(description="The session or API key it came with.")
    subject: str = Field(
        description="The account for which it was done, if it proved only then whose: by a sign-in or a mailed link."
    )
    action: str = Field(examples=["POST /api/v1/uploads"])
    target: dict[str, str]
    asked: dict[str, Any] | None = Field(description="The body, secrets masked; null if it was refused as malformed.")
    status: int
    code: str = Field(description="Of a refusal; empty for what was done.")
    duration_ms: int
    request_id: str = Field(description="The caller's, if they sent one.")
    gateway_id: str = Field(description="The gateway's own id of the request.")
    origin: OriginView

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        return cls(
            id=entry.id,
            at=entry.at,
            actor=entry.actor,
            by=entry.by,
            subject=entry.subject,
            action=entry.action,
            target=dict(entry.target),
            asked=None if entry.asked is None else dict(entry.asked),
            status=entry.status,
            code=entry.code,
            duration_ms=entry.duration_ms,
            request_id=entry.request_id,
            gateway_id=entry.gateway_id,
            origin=OriginView.of(entry.origin),
        )


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
