"""Tries a password: behind rates and lockout, in the same time and with the same words whether there is an account.

Whatever asks for a password asks here: signing in, and what wants it once more before something dangerous.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from api.account_changes import Change, change_account
from api.guess_guard import GuessGuard
from core.domain.accounts import Account, fold_email
from core.domain.errors import Conflict, InvalidInput
from core.domain.passwords import normal_password
from core.domain.sessions import Origin
from core.ports.clock import Clock
from core.ports.credentials import PasswordHasher

if TYPE_CHECKING:
    from core.store.accounts import AccountRepository


class Tried(NamedTuple):
    """Whose password was tried, if anybody's, and whether it fits."""

    account: Account | None
    fits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordCheck:
    accounts: AccountRepository
    guard: GuessGuard
    hasher: PasswordHasher
    clock: Clock

    def attempt(self, email: str, password: str, origin: Origin) -> Tried:
        """Raises TooMany (`rate_limited`, `account_locked`, `address_blocked`) before any password is looked at.

        Who lets somebody in by it tells the guard that they `succeeded`.
        """
        address, secret = fold_email(email), normal_password(password)
        self.guard.admit(address, origin)
        account = self.accounts.find_by_email(address)
        hashed = (account.password_hash if account else "") or self.hasher.decoy()
        fits = self.hasher.verify(hashed, secret)
        if account is None or not fits:
            self.guard.failed(address, origin, account)
            return Tried(account, fits=False)
        return Tried(self._upgraded(account, secret), fits=True)

    def must_know(self, account: Account, password: str, origin: Origin) -> None:
        """For somebody signed in. Raises InvalidInput(`password_wrong`), and what `attempt` raises.

        Who asks for a code besides tells the guard of the success only after that: else a known password would clear
        the count of guessed codes.
        """
        if not self.attempt(account.email, password, origin).fits:
            raise InvalidInput("The password is wrong.", code="password_wrong", field="password")

    def _upgraded(self, account: Account, secret: str) -> Account:
        """Hashed anew if the hash is outdated; only now do we have the password for it."""
        if not self.hasher.is_outdated(account.password_hash):
            return account
        outdated, renewed = account.password_hash, self.hasher.hash(secret)

        def upgrade(now: Account) -> Change | None:
            return Change(account=replace(now, password_hash=renewed)) if now.password_hash == outdated else None

        with suppress(Conflict):  # next time, then
            return change_account(account.id, upgrade, accounts=self.accounts, clock=self.clock)
        return account
