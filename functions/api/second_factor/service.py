"""Use cases of the second factor: set it up, confirm it, write recovery codes down, take it away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api.account_changes import Change, change_account
from api.password_check import PasswordCheck
from api.second_factor_check import SecondFactorCheck, sealed_for
from core.domain.accounts import Account
from core.domain.api_keys import Scope
from core.domain.errors import Conflict, InvalidInput
from core.domain.ids import AccountId, EpochSeconds
from core.domain.second_factor import SecondFactor, hash_recovery_code, new_recovery_codes
from core.domain.sessions import Origin
from core.messages.accounts import RecoveryCodesRenewed, SecondFactorChanged
from core.ports.clock import Clock
from core.ports.credentials import OneTimeCodes, Sealer

if TYPE_CHECKING:
    from api.ways_in import WaysIn
    from core.store.accounts import AccountRepository
    from core.store.second_factors import SecondFactorRepository
    from core.store.writes import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """What goes into an authenticator app: the secret to type, or the address in a QR code. Shown once."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorService:
    accounts: AccountRepository
    factors: SecondFactorRepository
    codes: OneTimeCodes
    sealer: Sealer
    password: PasswordCheck
    check: SecondFactorCheck
    ways_in: WaysIn
    clock: Clock

    def set_up(self, account_id: AccountId, password: str, origin: Origin) -> SetUp:
        """A fresh secret, which counts once a code of it was shown; an unconfirmed one before it is forgotten.

        Raises NotAllowed(`email_unverified`), Conflict(`second_factor_there`), InvalidInput(`password_wrong`), TooMany.
        """
        account = self.ways_in.must_be_verified(account_id)
        if account.second_factor_since is not None:
            raise Conflict("There is a second factor already; take it away first.", code="second_factor_there")
        self.password.must_know(account, password, origin)
        self.password.guard.succeeded(account.email)
        secret = self.codes.new_secret()
        factor = SecondFactor(account_id=account_id, sealed_secret="")
        self.factors.start(replace(factor, sealed_secret=self.sealer.seal(secret, sealed_for(factor))))
        return SetUp(secret=secret, uri=self.codes.uri(secret, account.email))

    def confirm(self, account_id: AccountId, code: str) -> list[str]:
        """From now on a sign-in needs a code. The recovery codes are shown here once.

        Raises Conflict (`second_factor_not_set_up`, `second_factor_there`, `second_factor_changed`),
        InvalidInput(`code_wrong`).
        """
        factor = self.factors.find(account_id)
        if factor is None:
            raise Conflict("Set a second factor up first.", code="second_factor_not_set_up")
        if factor.confirmed_at is not None:
            raise Conflict("The second factor is confirmed already.", code="second_factor_there")
        if not self.check.fits_app(factor, code):
            raise InvalidInput("The code is wrong. Is the clock of your device right?", code="code_wrong", field="code")
        now, recovery = self.clock.now(), new_recovery_codes()
        latest = self.factors.find(account_id)
        if latest is None or latest.sealed_secret != factor.sealed_secret:
            raise Conflict("The second factor was set up anew meanwhile.", code="second_factor_changed")
        confirmed = replace(latest, confirmed_at=now, recovery_hashes=_hashes(recovery))
        self._set_since(account_id, now, also=self.factors.confirmation(confirmed))
        return recovery

    def renew_recovery_codes(self, account_id: AccountId, *, password: str, code: str, origin: Origin) -> list[str]:
        """Fresh recovery codes; those of before are worthless. Raises as `take_away`."""
        self._must_prove(account_id, password, code, origin)
        recovery = new_recovery_codes()
        self.factors.renew_recovery(account_id, _hashes(recovery))
        self.accounts.tell([RecoveryCodesRenewed(account_id=account_id)], self.clock.now())
        return recovery

    def take_away(self, account_id: AccountId, *, password: str, code: str, origin: Origin) -> None:
        """A sign-in needs no code any more, and no API key has power over others any more, which took that.

        Raises Conflict(`second_factor_not_set_up`), InvalidInput(`password_wrong`), NotAuthenticated(`code_wrong`),
        TooMany.
        """
        self._must_prove(account_id, password, code, origin)
        self._set_since(account_id, None, also=self.factors.removal(account_id))
        self.ways_in.close_to_programs(account_id, self.clock.now(), only=Scope.ADMIN)

    def _must_prove(self, account_id: AccountId, password: str, code: str, origin: Origin) -> None:
        account = self.accounts.get(account_id)
        if account.second_factor_since is None:
            raise Conflict("There is no second factor.", code="second_factor_not_set_up")
        self.password.must_know(account, password, origin)
        self.check.must_pass(account, code, origin)
        self.password.guard.succeeded(account.email)

    def _set_since(self, account_id: AccountId, since: EpochSeconds | None, *, also: Write) -> None:
        """The account and its factor change together: one without the other would lock its owner out."""

        def changed(account: Account) -> Change:
            return Change(
                account=replace(account, second_factor_since=since),
                events=[SecondFactorChanged(account_id=account_id, enabled=since is not None)],
                also=[also],
            )

        change_account(account_id, changed, accounts=self.accounts, clock=self.clock)


def _hashes(codes: list[str]) -> frozenset[str]:
    return frozenset(hash_recovery_code(code) for code in codes)
