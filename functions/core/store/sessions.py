"""Refresh-token families, one per sign-in."""

from collections.abc import Sequence

from core.domain.errors import Conflict
from core.domain.ids import AccountId, EpochSeconds, SessionId
from core.domain.sessions import Session
from core.messages.message import Message
from core.store.account_rows import SESSION_PREFIX, SessionRow, account_pk, session_sk
from core.store.faults import translated
from core.store.outbox import puts_of
from core.store.rows import bound
from core.store.writes import Delete, Put, write_all


class SessionRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, accounts_table: str, outbox_table: str) -> None:
        self._outbox_table = outbox_table
        self._rows = bound(SessionRow, accounts_table)

    def create(self, session: Session) -> None:
        write_all([Put(row=self._rows.of(session))])

    def get(self, account_id: AccountId, session_id: SessionId) -> Session | None:
        """The session, or None once it was revoked. Rows outlive `expires_at` for a while: look at it."""
        row = self._rows.find(account_pk(account_id), session_sk(session_id))
        return row.noun() if row else None

    def list_of(self, account_id: AccountId) -> list[Session]:
        """The account's sessions, ended ones perhaps among them, the newest first. Few: each is a device."""
        with translated():
            rows = self._rows.query(
                account_pk(account_id),
                self._rows.sk.startswith(SESSION_PREFIX),
                scan_index_forward=False,
                consistent_read=True,
            )
            return [row.noun() for row in rows]

    def rotate(self, session: Session, rotated: Session) -> None:
        """Exchanges the token of `session` for that of `rotated`.

        Raises Conflict(`refresh_raced`) if another request exchanged it first, or the session was revoked.
        """
        raced = Conflict("This token was exchanged at the same time.", code="refresh_raced")
        unchanged = self._rows.token_hash == session.token_hash
        write_all([Put(row=self._rows.of(rotated), only_if=unchanged, or_else=raced)])

    def revoke(
        self, account_id: AccountId, session_id: SessionId, *, events: Sequence[Message] = (), now: EpochSeconds
    ) -> None:
        """Ends the family; no error if it has ended before."""
        ended = Delete(row=self._rows(pk=account_pk(account_id), sk=session_sk(session_id)))
        write_all([ended, *puts_of(events, self._outbox_table, now)])
