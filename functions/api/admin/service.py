"""Use cases of the staff: look at an account, shut it out, let it in again, give it roles.

Power goes downwards only: whoever has the caller's rank or a higher one is out of reach, oneself included.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api.account_changes import Change, change_account
from core.domain.accounts import Account
from core.domain.errors import NotAllowed
from core.domain.ids import AccountId
from core.domain.permissions import Role, may_grant, rank_of
from core.messages.accounts import SecondFactorChanged
from core.ports.clock import Clock

if TYPE_CHECKING:
    from core.domain.audit import AuditEntry
    from core.store.accounts import AccountRepository
    from core.store.audit_log import AuditLog
    from core.store.page import Page
    from core.store.second_factors import SecondFactorRepository
    from core.store.sessions import SessionRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Who is at work."""

    account_id: AccountId
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminService:
    """Every method raises NotFound(`account_not_found`); all but `account` NotAllowed(`account_out_of_reach`)."""

    accounts: AccountRepository
    sessions: SessionRepository
    factors: SecondFactorRepository
    audit: AuditLog
    clock: Clock

    def account(self, account_id: AccountId) -> Account:
        return self.accounts.get(account_id)

    def changes_by(self, account: str, *, limit: int, cursor: str | None) -> Page[AuditEntry]:
        """What somebody changed, or had changed; the newest first. Raises InvalidInput(`cursor_invalid`)."""
        return self.audit.of_account(account, limit=limit, cursor=cursor)

    def changes_on(self, day: str, *, limit: int, cursor: str | None) -> Page[AuditEntry]:
        """What was changed on a UTC day, the newest first. Raises InvalidInput (`day_invalid`, `cursor_invalid`)."""
        return self.audit.of_day(day, limit=limit, cursor=cursor)

    def suspend(self, staff: Staff, account_id: AccountId) -> Account:
        """Shuts the account out, at once. Idempotent."""

        def suspended(account: Account) -> Change | None:
            _must_reach(staff, account)
            if account.suspended_at is not None:
                return None
            return Change(account=replace(_outdated(account), suspended_at=self.clock.now()))

        account = change_account(account_id, suspended, accounts=self.accounts, clock=self.clock)
        self._tidy(account_id)
        return account

    def reinstate(self, staff: Staff, account_id: AccountId) -> Account:
        """Lets the account in again. Idempotent."""

        def reinstated(account: Account) -> Change | None:
            _must_reach(staff, account)
            return None if account.suspended_at is None else Change(account=replace(account, suspended_at=None))

        return change_account(account_id, reinstated, accounts=self.accounts, clock=self.clock)

    def end_sessions(self, staff: Staff, account_id: AccountId) -> None:
        """Signs the account out everywhere (OWASP ASVS 5, 7.4.5)."""

        def ended(account: Account) -> Change:
            _must_reach(staff, account)
            return Change(account=_outdated(account))

        change_account(account_id, ended, accounts=self.accounts, clock=self.clock)
        self._tidy(account_id)

    def remove_second_factor(self, staff: Staff, account_id: AccountId) -> None:
        """For who lost their app and their codes, or whose account somebody else put a factor on. All sessions end, and
        they are told by mail. Idempotent. That it is them is for the staff to find out (OWASP ASVS 5, 6.4.4)."""

        def removed(account: Account) -> Change | None:
            _must_reach(staff, account)
            if account.second_factor_since is None:
                return None
            return Change(
                account=replace(_outdated(account), second_factor_since=None),
                events=[SecondFactorChanged(account_id=account_id, enabled=False)],
                also=[self.factors.removal(account_id)],
            )

        change_account(account_id, removed, accounts=self.accounts, clock=self.clock)
        self._tidy(account_id)

    def set_roles(self, staff: Staff, account_id: AccountId, roles: frozenset[Role]) -> Account:
        """Gives the account exactly these roles and USER. Raises NotAllowed(`role_out_of_reach`) for a role, given or
        taken, that is not below the caller's."""
        wanted = roles | {Role.USER}

        def changed(account: Account) -> Change | None:
            _must_reach(staff, account)
            for role in account.roles ^ wanted:
                if not may_grant(staff.roles, role):
                    raise NotAllowed(f"You may not give or take the role {role.value}.", code="role_out_of_reach")
            return None if account.roles == wanted else Change(account=replace(account, roles=wanted))

        return change_account(account_id, changed, accounts=self.accounts, clock=self.clock)

    def _tidy(self, account_id: AccountId) -> None:
        for session in self.sessions.list_of(account_id):
            self.sessions.revoke(account_id, session.id, now=self.clock.now())


def _outdated(account: Account) -> Account:
    """With all of its sessions and tokens ended."""
    return replace(account, token_version=account.token_version + 1)


def _must_reach(staff: Staff, account: Account) -> None:
    """A superadmin is out of everybody's reach: a stolen account can't shut the others out. `make grant` remains."""
    if account.id == staff.account_id or rank_of(account.roles) >= rank_of(staff.roles):
        raise NotAllowed("This account is out of your reach.", code="account_out_of_reach")
