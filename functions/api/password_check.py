"""Tries a password: behind rates and lockout, in the same time and with the same words whether there is an account.

Whatever asks for a password asks here: signing in, and what wants it once more before something dangerous.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from api.account_changes import Change, change_account
from api.limiter import Limiter
from core.domain.accounts import Account, fold_email, hash_token
from core.domain.errors import Conflict, InvalidInput, TooMany
from core.domain.ids import new_id
from core.domain.lockout import FROM_FAILURE
from core.domain.passwords import normal_password
from core.domain.rates import FAILED_LOGINS_BY_ADDRESS, LOGIN_BY_ACCOUNT, Allowance
from core.domain.sessions import Origin
from core.messages import AccountLocked
from core.ports import Clock, PasswordHasher

if TYPE_CHECKING:
    from core.store.accounts import AccountRepository
    from core.store.counters import LockoutRepository


class Tried(NamedTuple):
    """Whose password was tried, if anybody's, and whether it fits."""

    account: Account | None
    fits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordCheck:
    accounts: AccountRepository
    lockouts: LockoutRepository
    limiter: Limiter
    hasher: PasswordHasher
    clock: Clock

    def attempt(self, email: str, password: str, origin: Origin) -> Tried:
        """Raises TooMany (`rate_limited`, `account_locked`, `address_blocked`) before any password is looked at."""
        address, secret = fold_email(email), normal_password(password)
        self._admit(address, origin)
        account = self.accounts.find_by_email(address)
        hashed = (account.password_hash if account else "") or self.hasher.decoy()
        fits = self.hasher.verify(hashed, secret)
        if account is None or not fits:
            self._failed(address, origin, account)
            return Tried(account, fits=False)
        self.lockouts.clear(hash_token(address))
        return Tried(self._upgraded(account, secret), fits=True)

    def must_know(self, account: Account, password: str, origin: Origin) -> None:
        """For somebody signed in. Raises InvalidInput(`password_wrong`), and what `attempt` raises."""
        if not self.attempt(account.email, password, origin).fits:
            raise InvalidInput("The password is wrong.", code="password_wrong", field="password")

    def _admit(self, address: str, origin: Origin) -> None:
        self.limiter.count(LOGIN_BY_ACCOUNT, address)
        self.limiter.must_have_left(FAILED_LOGINS_BY_ADDRESS, origin.address, code="address_blocked")
        lockout = self.lockouts.get(hash_token(address))
        if wait_s := lockout.remaining_s(self.clock.now()):
            raise TooMany(
                "After too many wrong passwords this account takes none for a while.",
                Allowance(limit=FROM_FAILURE, remaining=0, resets_in_s=wait_s),
                code="account_locked",
            )

    def _failed(self, address: str, origin: Origin, account: Account | None) -> None:
        self.limiter.note(FAILED_LOGINS_BY_ADDRESS, origin.address)
        now = self.clock.now()
        if self.lockouts.failed(hash_token(address), now).has_just_begun:
            self.accounts.tell([AccountLocked(account_id=account.id if account else new_id())], now)

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
