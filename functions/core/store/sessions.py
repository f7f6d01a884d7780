"""Refresh-token families, one per sign-in."""

from core.domain.accounts import Session
from core.domain.errors import Conflict
from core.domain.ids import EpochSeconds, SessionId
from core.domain.limits import REFRESH_TOKEN_S
from core.store.account_rows import SESSION_SK, SessionRow, session_pk
from core.store.faults import translated
from core.store.rows import bound


class SessionRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, accounts_table: str) -> None:
        self._rows = bound(SessionRow, accounts_table)

    def create(self, session: Session) -> None:
        with translated():
            self._rows.of(session).save()

    def get(self, session_id: SessionId) -> Session | None:
        """The session, or None once it was revoked. Rows outlive `expires_at` for a while: look at it."""
        row = self._rows.find(session_pk(session_id), SESSION_SK)
        return row.noun() if row else None

    def rotate(self, session: Session, new_hash: str, now: EpochSeconds) -> Session:
        """Exchanges the current token; the new one lives REFRESH_TOKEN_S from now.

        Raises Conflict(`refresh_raced`) if another request exchanged it first, or the session was revoked.
        """
        rows = self._rows
        row = rows(pk=session_pk(session.id), sk=SESSION_SK)
        expires_at = now + REFRESH_TOKEN_S
        with translated(or_else=Conflict("This token was exchanged at the same time.", code="refresh_raced")):
            row.update(
                actions=[
                    rows.token_hash.set(new_hash),
                    rows.previous_hash.set(session.token_hash),
                    rows.rotated_at.set(now),
                    rows.expires_at.set(expires_at),
                    rows.ttl.set(expires_at),
                ],
                condition=rows.token_hash == session.token_hash,
            )
        return row.noun()

    def revoke(self, session_id: SessionId) -> None:
        """Ends the family; no error if it has ended before."""
        with translated():
            self._rows(pk=session_pk(session_id), sk=SESSION_SK).delete()
