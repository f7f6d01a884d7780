"""Tries a code: six digits of the authenticator app, or one of the recovery codes. Each is good once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.guess_guard import GuessGuard
from core.domain.accounts import Account
from core.domain.errors import NotAuthenticated
from core.domain.second_factor import hash_recovery_code, is_app_code
from core.domain.sessions import Origin
from core.ports.clock import Clock
from core.ports.credentials import OneTimeCodes, Sealer

if TYPE_CHECKING:
    from core.domain.second_factor import SecondFactor
    from core.store.second_factors import SecondFactorRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorCheck:
    factors: SecondFactorRepository
    codes: OneTimeCodes
    sealer: Sealer
    guard: GuessGuard
    clock: Clock

    def must_pass(self, account: Account, code: str | None, origin: Origin) -> None:
        """Raises NotAuthenticated (`second_factor_required` without a code, `code_wrong`), TooMany."""
        if code is None:
            raise NotAuthenticated(
                "Please give the code of your authenticator app too, or a recovery code.", code="second_factor_required"
            )
        self.guard.admit_code(account.email, origin)
        if not self._fits(account, code):
            self.guard.failed(account.email, origin, account)
            raise NotAuthenticated("The code is wrong, or was used before.", code="code_wrong")

    def fits_app(self, factor: SecondFactor, code: str) -> bool:
        """Whether it is a code of the app, not used before."""
        secret = self.sealer.open(factor.sealed_secret, sealed_for(factor))
        step = self.codes.step_of(secret, code, self.clock.now())
        return step is not None and self.factors.use_step(factor.account_id, step)

    def _fits(self, account: Account, code: str) -> bool:
        factor = self.factors.find(account.id)
        if factor is None or factor.confirmed_at is None:  # the account says it has one: nobody gets in without it
            return False
        if is_app_code(code):
            return self.fits_app(factor, code)
        return self.factors.use_recovery_code(account.id, hash_recovery_code(code))


def sealed_for(factor: SecondFactor) -> str:
    """The context in which its secret is sealed."""
    return f"totp {factor.account_id}"
