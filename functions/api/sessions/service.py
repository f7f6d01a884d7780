"""Use cases of sessions: where am I signed in, and out there no more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api.account_changes import Change, change_account
from core.domain.accounts import Account
from core.domain.errors import NotFound
from core.domain.ids import AccountId, SessionId
from core.domain.logins import Login
from core.domain.sessions import Session
from core.ports.clock import Clock

if TYPE_CHECKING:
    from core.store.accounts import AccountRepository
    from core.store.login_history import LoginHistory
    from core.store.page import Page
    from core.store.sessions import SessionRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionService:
    accounts: AccountRepository
    sessions: SessionRepository
    logins: LoginHistory
    clock: Clock

    def list_of(self, account_id: AccountId) -> list[Session]:
        """Those that live, the newest first."""
        account, now = self.accounts.get(account_id), self.clock.now()
        return [session for session in self.sessions.list_of(account_id) if session.lives(account, now)]

    def revoke(self, account_id: AccountId, session_id: SessionId) -> None:
        """Ends one session, its access tokens included. Raises NotFound(`session_not_found`)."""
        if self.sessions.get(account_id, session_id) is None:
            raise NotFound("There is no such session.", code="session_not_found")
        self.sessions.revoke(account_id, session_id, now=self.clock.now())

    def revoke_others(self, account_id: AccountId, keep: SessionId) -> None:
        """Ends every session but one."""
        for session in self.sessions.list_of(account_id):
            if session.id != keep:
                self.sessions.revoke(account_id, session.id, now=self.clock.now())

    def revoke_all(self, account_id: AccountId) -> None:
        """Ends every session and every access token in one write; the sessions' rows are tidied up after that."""

        def outdated(account: Account) -> Change:
            return Change(account=replace(account, token_version=account.token_version + 1))

        change_account(account_id, outdated, accounts=self.accounts, clock=self.clock)
        for session in self.sessions.list_of(account_id):
            self.sessions.revoke(account_id, session.id, now=self.clock.now())

    def history(self, account_id: AccountId, *, limit: int, cursor: str | None) -> Page[Login]:
        """Sign-ins that were tried, the newest first. Raises InvalidInput(`cursor_invalid`)."""
        return self.logins.list_of(account_id, limit=limit, cursor=cursor)
