"""Second factors, one an account."""

from typing import Any, Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from core.domain.errors import Conflict
from core.domain.ids import AccountId, EpochSeconds
from core.domain.second_factor import SecondFactor
from core.store.account_rows import AccountsRow, account_pk
from core.store.faults import translated
from core.store.rows import bound
from core.store.writes import Delete, Put, write_all

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
        row: Any = self._rows.find(account_pk(account_id), SECOND_FACTOR_SK)
        if row is None:
            return None
        return SecondFactor(
            account_id=account_id,
            sealed_secret=row.sealed_secret,
            confirmed_at=None if row.confirmed_at is None else EpochSeconds(int(row.confirmed_at)),
            last_step=int(row.last_step),
            recovery_hashes=frozenset(row.recovery_hashes or ()),
        )

    def start(self, factor: SecondFactor) -> None:
        """Takes the place of one that was not confirmed. Raises Conflict(`second_factor_there`) for one that was."""
        there = Conflict("There is a second factor already; take it away first.", code="second_factor_there")
        write_all([Put(row=self._row(factor), only_if=self._rows.confirmed_at.does_not_exist(), or_else=there)])

    def confirmation(self, factor: SecondFactor) -> Put:
        """To be written together with the account that says so.

        Raises Conflict(`second_factor_changed`) when written, if it is not the one that was read any more.
        """
        rows = self._rows
        changed = Conflict("The second factor was set up anew meanwhile.", code="second_factor_changed")
        same = (
            rows.confirmed_at.does_not_exist()
            & (rows.sealed_secret == factor.sealed_secret)
            & (rows.last_step == factor.last_step)
        )
        return Put(row=self._row(factor), only_if=same, or_else=changed)

    def removal(self, account_id: AccountId) -> Delete:
        """To be written together with the account that says so."""
        return Delete(row=self._rows(pk=account_pk(account_id), sk=SECOND_FACTOR_SK))

    def renew_recovery(self, account_id: AccountId, hashes: frozenset[str]) -> None:
        """Other recovery codes. Raises Conflict(`second_factor_not_set_up`) if it was taken away meanwhile."""
        rows, row = self._rows, self._rows(pk=account_pk(account_id), sk=SECOND_FACTOR_SK)
        gone = Conflict("There is no second factor.", code="second_factor_not_set_up")
        with translated(or_else=gone):
            row.update(actions=[rows.recovery_hashes.set(set(hashes))], condition=rows.confirmed_at.exists())

    def _row(self, factor: SecondFactor) -> SecondFactorRow:
        return self._rows(
            pk=account_pk(factor.account_id),
            sk=SECOND_FACTOR_SK,
            sealed_secret=factor.sealed_secret,
            confirmed_at=factor.confirmed_at,
            last_step=factor.last_step,
            recovery_hashes=set(factor.recovery_hashes) or None,
        )

    def use_step(self, account_id: AccountId, step: int) -> bool:
        """Uses up the code of that step; False if it, or a later one, was used before."""
        rows = self._rows
        return self._used(account_id, rows.last_step.set(step), rows.last_step < step)

    def use_recovery_code(self, account_id: AccountId, code_hash: str) -> bool:
        """Uses it up; False if it is none of the account's, or was used, even at the same time."""
        hashes = self._rows.recovery_hashes
        return self._used(account_id, hashes.delete({code_hash}), hashes.contains(code_hash))

    def _used(self, account_id: AccountId, action: Any, condition: Any) -> bool:
        used = Conflict("The code was used.")
        row = self._rows(pk=account_pk(account_id), sk=SECOND_FACTOR_SK)
        try:
            with translated(or_else=used):
                row.update(actions=[action], condition=condition)
        except Conflict:
            return False
        return True
