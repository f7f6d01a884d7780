"""Passkeys, in their account's partition: who signs in with one says whose it is."""

import hashlib
from typing import Final

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from core.domain.errors import Conflict, NotFound
from core.domain.ids import AccountId, EpochSeconds
from core.domain.passkeys import Passkey
from core.store.account_rows import AccountsRow, account_pk
from core.store.faults import translated
from core.store.rows import attributes_of, bound, noun_of
from core.store.writes import Delete, Put, write_all

PASSKEY_PREFIX: Final = "passkey#"


class PasskeyRow(AccountsRow):
    id = UnicodeAttribute()
    account_id = UnicodeAttribute()
    name = UnicodeAttribute()
    public_key = UnicodeAttribute()
    sign_count = NumberAttribute()
    backed_up = BooleanAttribute()
    created_at = NumberAttribute()
    last_used_at = NumberAttribute(null=True)

    @classmethod
    def of(cls, passkey: Passkey) -> "PasskeyRow":
        return cls(pk=account_pk(passkey.account_id), sk=_sk(passkey.id), **attributes_of(passkey))

    def noun(self) -> Passkey:
        return noun_of(Passkey, self)


class PasskeyRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, accounts_table: str) -> None:
        self._rows = bound(PasskeyRow, accounts_table)

    def addition(self, passkey: Passkey) -> Put:
        """To be written together with what it depends on. Raises Conflict(`passkey_known`) when written."""
        known = Conflict("This passkey is registered already.", code="passkey_known")
        return Put(row=self._rows.of(passkey), only_if=self._rows.pk.does_not_exist(), or_else=known)

    def add(self, passkey: Passkey) -> None:
        """Raises Conflict(`passkey_known`)."""
        write_all([self.addition(passkey)])

    def find(self, account_id: AccountId, passkey_id: str) -> Passkey | None:
        row = self._rows.find(account_pk(account_id), _sk(passkey_id))
        return row.noun() if row else None

    def list_of(self, account_id: AccountId) -> list[Passkey]:
        """The oldest first. Few: each is a device, or a family of them."""
        with translated():
            found = self._rows.query(
                account_pk(account_id), self._rows.sk.startswith(PASSKEY_PREFIX), consistent_read=True
            )
            return sorted((row.noun() for row in found), key=lambda passkey: passkey.created_at)

    def used(self, passkey: Passkey, sign_count: int, now: EpochSeconds) -> bool:
        """Notes a use; False if the count ran back meanwhile, which means that there is a copy."""
        rows, row = self._rows, self._rows(pk=account_pk(passkey.account_id), sk=_sk(passkey.id))
        ran_back = Conflict("The signature count ran back.")
        counts = rows.sign_count < sign_count if sign_count else rows.sign_count == 0
        try:
            with translated(or_else=ran_back):
                row.update(actions=[rows.sign_count.set(sign_count), rows.last_used_at.set(now)], condition=counts)
        except Conflict:
            return False
        return True

    def rename(self, account_id: AccountId, passkey_id: str, name: str) -> Passkey:
        """Raises NotFound(`passkey_not_found`)."""
        row = self._rows(pk=account_pk(account_id), sk=_sk(passkey_id))
        with translated(or_else=_not_found()):
            row.update(actions=[self._rows.name.set(name)], condition=self._rows.pk.exists())
        return row.noun()

    def removal(self, account_id: AccountId, passkey_id: str) -> Delete:
        """To be written together with what depends on it. Raises NotFound(`passkey_not_found`) when written."""
        row = self._rows(pk=account_pk(account_id), sk=_sk(passkey_id))
        return Delete(row=row, only_if=self._rows.pk.exists(), or_else=_not_found())

    def remove(self, account_id: AccountId, passkey_id: str) -> None:
        """Raises NotFound(`passkey_not_found`)."""
        write_all([self.removal(account_id, passkey_id)])


def _sk(passkey_id: str) -> str:
    """Hashed: a credential's id may be longer than a key."""
    return f"{PASSKEY_PREFIX}{hashlib.sha256(passkey_id.encode()).hexdigest()}"


def _not_found() -> NotFound:
    return NotFound("There is no such passkey.", code="passkey_not_found")
