"""API keys, in their account's partition."""

from typing import Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from core.domain.api_keys import ApiKey, Scope
from core.domain.errors import NotFound
from core.domain.ids import AccountId, EpochSeconds
from core.store.account_rows import AccountsRow, account_pk
from core.store.faults import translated
from core.store.rows import EnumSetAttribute, attributes_of, bound, noun_of
from core.store.writes import Put, write_all

API_KEY_PREFIX: Final = "api-key#"


class ApiKeyRow(AccountsRow):
    id = UnicodeAttribute()
    account_id = UnicodeAttribute()
    name = UnicodeAttribute()
    scopes = EnumSetAttribute(Scope, default=frozenset({Scope.READ}))
    secret_hash = UnicodeAttribute()
    created_at = NumberAttribute()
    expires_at = NumberAttribute()

    @classmethod
    def of(cls, key: ApiKey) -> "ApiKeyRow":
        return cls(pk=account_pk(key.account_id), sk=_sk(key.id), ttl=key.expires_at, **attributes_of(key))

    def noun(self) -> ApiKey:
        return noun_of(ApiKey, self)


class ApiKeyRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, accounts_table: str) -> None:
        self._rows = bound(ApiKeyRow, accounts_table)

    def addition(self, key: ApiKey) -> Put:
        """To be written together with what it depends on."""
        return Put(row=self._rows.of(key))

    def add(self, key: ApiKey) -> None:
        write_all([self.addition(key)])

    def find(self, account_id: AccountId, key_id: str) -> ApiKey | None:
        row = self._rows.find(account_pk(account_id), _sk(key_id))
        return row.noun() if row else None

    def list_of(self, account_id: AccountId, now: EpochSeconds) -> list[ApiKey]:
        """Those that have not expired, the newest first."""
        with translated():
            found = self._rows.query(
                account_pk(account_id),
                self._rows.sk.startswith(API_KEY_PREFIX),
                scan_index_forward=False,
                consistent_read=True,
            )
            return [row.noun() for row in found if row.expires_at > now]

    def remove(self, account_id: AccountId, key_id: str) -> None:
        """Raises NotFound(`api_key_not_found`)."""
        unknown = NotFound("There is no such key.", code="api_key_not_found")
        with translated(or_else=unknown):
            self._rows(pk=account_pk(account_id), sk=_sk(key_id)).delete(condition=self._rows.pk.exists())


def _sk(key_id: str) -> str:
    return f"{API_KEY_PREFIX}{key_id}"
