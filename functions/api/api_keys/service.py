"""Use cases of API keys: make one, look at them, take one away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain import api_keys
from core.domain.api_keys import LIFE_MAX_S, PER_ACCOUNT, ApiKey, Scope, check_key_name
from core.domain.errors import Conflict, InvalidInput, NotAllowed
from core.domain.ids import AccountId, EpochSeconds, new_id
from core.messages.accounts import ApiKeyMade
from core.ports.clock import Clock

if TYPE_CHECKING:
    from api.ways_in import WaysIn
    from core.store.accounts import AccountRepository
    from core.store.api_keys import ApiKeyRepository
    from core.store.counters import LastUses


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """`text` is shown here once and stored only as a hash."""

    key: ApiKey
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyService:
    keys: ApiKeyRepository
    accounts: AccountRepository
    ways_in: WaysIn
    last_uses: LastUses
    clock: Clock

    def make(
        self,
        account_id: AccountId,
        *,
        name: str,
        scopes: frozenset[Scope],
        life_s: int,
        strong: bool,
        token_version: int,
    ) -> Made:
        """`strong` is whether who makes it signed in with two factors: a key must not have power that they have not.

        Raises InvalidInput (`name_invalid`, `scopes_missing`, `life_invalid`), NotAllowed (`email_unverified`,
        `second_factor_needed`), Conflict(`api_keys_too_many`).
        """
        tidy, now = check_key_name(name), self.clock.now()
        if not scopes:
            raise InvalidInput("A key needs a scope.", code="scopes_missing", field="scopes")
        if Scope.ADMIN in scopes and not strong:
            raise NotAllowed("Sign in with a second factor to give this scope away.", code="second_factor_needed")
        if not 0 < life_s <= LIFE_MAX_S:
            raise InvalidInput("A key lives a year at most.", code="life_invalid", field="expires_in")
        self.ways_in.must_be_verified(account_id)
        if len(self.keys.list_of(account_id, now)) >= PER_ACCOUNT:
            raise Conflict(f"An account has at most {PER_ACCOUNT} keys.", code="api_keys_too_many")
        secret = api_keys.new_secret()
        key = ApiKey(
            id=new_id(),
            account_id=account_id,
            name=tidy,
            scopes=scopes,
            secret_hash=api_keys.hash_secret(secret),
            created_at=now,
            expires_at=EpochSeconds(now + life_s),
        )
        news = ApiKeyMade(account_id=account_id, name=key.name)
        self.ways_in.add(account_id, [self.keys.addition(key)], [news], token_version=token_version)
        return Made(key=key, text=api_keys.written(account_id, key.id, secret))

    def list_of(self, account_id: AccountId) -> list[tuple[ApiKey, EpochSeconds | None]]:
        """With when each was used last; the newest first."""
        return [(key, self.last_uses.of(key.id)) for key in self.keys.list_of(account_id, self.clock.now())]

    def remove(self, account_id: AccountId, key_id: str) -> None:
        """It opens nothing any more, at once. Raises NotFound(`api_key_not_found`)."""
        self.keys.remove(account_id, key_id)
