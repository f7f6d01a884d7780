"""Second factors, one an account."""

from typing import Any, Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from core.domain.errors import Conflict
from core.domain.ids import AccountId, EpochSeconds
from core.domain.second_factor import SecondFactor
from core.store.account_rows import AccountsRow, account_pk
from core.store.faults import translated
from core.store.rows import bound

SECOND_FACTOR_SK: Final = "second-factor"


class SecondFactorRow(AccountsRow):
    sealed_secret = UnicodeAttribute()
    confirmed_at = NumberAttribute(null=True)
    last_step = NumberAttribute()
    recovery_hashes = UnicodeSetAttribute(null=True)


class SecondFactorRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, accounts_table: str) -> None:
        self._rows = bound(SecondFactorRow, accounts_table)

    def find(self, account_id: AccountId) -> SecondFactor | None:
        row = self._rows.find(account_pk(account_id), SECOND_FACTOR_SK)
        if row is None:
            return None
        return SecondFactor(
            account_id=account_id,
            sealed_secret=row.sealed_secret,
            confirmed_at=None if row.confirmed_at is None else EpochSeconds(row.confirmed_at),
            last_step=int(row.last_step),
            recovery_hashes=frozenset(row.recovery_hashes or ()),
        )

    def save(self, factor: SecondFactor) -> None:
        """Takes the place of what was there."""
        row = self._rows(
            pk=account_pk(factor.account_id),
            sk=SECOND_FACTOR_SK,
            sealed_secret=factor.sealed_secret,
            confirmed_at=factor.confirmed_at,
            last_step=factor.last_step,
            recovery_hashes=set(factor.recovery_hashes) or None,
        )
        with translated():
            row.save()

    def use_step(self, account_id: AccountId, step: int) -> bool:
        """Uses up the code of that step; False if it, or a later one, was used before."""
        rows = self._rows
        return self._used(account_id, rows.last_step.set(step), rows.last_step < step)

    def use_recovery_code(self, account_id: AccountId, code_hash: str) -> bool:
        """Uses it up; False if it is none of the account's, or was used, even at the same time."""
        hashes = self._rows.recovery_hashes
        return self._used(account_id, hashes.delete({code_hash}), hashes.contains(code_hash))

    def remove(self, account_id: AccountId) -> None:
        with translated():
            self._rows(pk=account_pk(account_id), sk=SECOND_FACTOR_SK).delete()

    def _used(self, account_id: AccountId, action: Any, condition: Any) -> bool:
        used = Conflict("The code was used.")
        row = self._rows(pk=account_pk(account_id), sk=SECOND_FACTOR_SK)
        try:
            with translated(or_else=used):
                row.update(actions=[action], condition=condition)
        except Conflict:
            return False
        return True
