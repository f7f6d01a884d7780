"""Stands before every secret that can be guessed, a password or a code: rates, lockout, signs of credential stuffing.

It never asks whether an account exists, so that nothing it does tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.accounts import Account, hash_token
from core.domain.errors import TooMany
from core.domain.ids import new_id
from core.domain.lockout import FROM_FAILURE
from core.domain.rates import CODES_BY_ACCOUNT, FAILED_LOGINS_BY_ADDRESS, LOGIN_BY_ACCOUNT, Allowance
from core.domain.sessions import Origin
from core.limiter import Limiter
from core.messages.accounts import AccountLocked
from core.ports.clock import Clock
from core.telemetry import Metric

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.store.accounts import AccountRepository
    from core.store.counters import LockoutRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessGuard:
    """`email` is folded everywhere."""

    accounts: AccountRepository
    lockouts: LockoutRepository
    limiter: Limiter
    tell: Callable[[Metric], None]
    """Counts what happens, for an alarm: nobody sees from one account that all of them are being tried."""
    clock: Clock

    def admit(self, email: str, origin: Origin) -> None:
        """Counts a try. Raises TooMany (`rate_limited`, `account_locked`, `address_blocked`)."""
        self.limiter.count(LOGIN_BY_ACCOUNT, email)
        self.must_be_open(email, origin)

    def admit_code(self, email: str, origin: Origin) -> None:
        """Counts a try at a second secret. Raises as `admit`."""
        self.limiter.count(CODES_BY_ACCOUNT, email)
        self.must_be_open(email, origin)

    def must_be_open(self, email: str, origin: Origin) -> None:
        """Raises TooMany (`account_locked`, `address_blocked`)."""
        try:
            self.limiter.must_have_left(FAILED_LOGINS_BY_ADDRESS, origin.network, code="address_blocked")
        except TooMany:
            self.tell(Metric.ADDRESS_BLOCKED)
            raise
        lockout = self.lockouts.get(hash_token(email))
        if wait_s := lockout.remaining_s(self.clock.now()):
            raise TooMany(
                "After too many wrong tries this account is closed to passwords for a while.",
                Allowance(limit=FROM_FAILURE, remaining=0, resets_in_s=wait_s),
                code="account_locked",
            )

    def failed(self, email: str, origin: Origin, account: Account | None) -> None:
        """Counts a wrong secret, or one for nobody; the same writes for both."""
        self.tell(Metric.FAILED_SIGN_IN)
        self.limiter.note(FAILED_LOGINS_BY_ADDRESS, origin.network)
        now = self.clock.now()
        if self.lockouts.failed(hash_token(email), now).has_just_begun:
            self.tell(Metric.ACCOUNT_LOCKED)
            self.accounts.tell([AccountLocked(account_id=account.id if account else new_id())], now)

    def succeeded(self, email: str) -> None:
        """All that was asked for was right, the code too."""
        self.lockouts.clear(hash_token(email))
