"""The ways that lead into an account: none may be added before its address is proved, nobody may lose the last one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.account_changes import Change, change_account
from core.domain.accounts import Account
from core.domain.api_keys import Scope
from core.domain.errors import Conflict, NotAllowed, NotAuthenticated
from core.domain.ids import AccountId, EpochSeconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.messages.message import Message
    from core.ports.clock import Clock
    from core.store.accounts import AccountRepository
    from core.store.api_keys import ApiKeyRepository
    from core.store.connections import ConnectionRepository
    from core.store.passkeys import PasskeyRepository
    from core.store.writes import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysIn:
    accounts: AccountRepository
    passkeys: PasskeyRepository
    connections: ConnectionRepository
    api_keys: ApiKeyRepository
    clock: Clock

    def must_be_verified(self, account_id: AccountId) -> Account:
        """Raises NotAllowed(`email_unverified`).

        Else whoever registers with somebody else's address could keep a door of their own into what that person takes
        for theirs later on (pre-hijacking, https://arxiv.org/abs/2205.10174).
        """
        return _must_be_verified(self.accounts.get(account_id))

    def add(
        self, account_id: AccountId, addition: Sequence[Write], events: Sequence[Message], *, token_version: int
    ) -> None:
        """Adds one way in, together with the account as the caller's session knows it.

        Raises NotAuthenticated(`token_revoked`) if the account was taken back meanwhile: who was thrown out must not
        leave a door of their own behind. Raises what `addition` raises, NotAllowed(`email_unverified`).
        """

        def decide(account: Account) -> Change:
            if account.token_version != token_version or account.erased_at is not None:
                raise NotAuthenticated("Please sign in again.", code="token_revoked")
            _must_be_verified(account)
            return Change(account=account, events=events, also=addition)

        change_account(account_id, decide, accounts=self.accounts, clock=self.clock)

    def remove(self, account_id: AccountId, removal: Sequence[Write], events: Sequence[Message]) -> None:
        """Takes one way away, of two that are taken at once only one. Raises Conflict(`last_way_in`).

        A mailed link does not count: it leads in as long as the mailbox does, which is not ours to promise.
        """

        def decide(account: Account) -> Change:
            passkeys, connections = self.passkeys.list_of(account_id), self.connections.list_of(account_id)
            if bool(account.password_hash) + len(passkeys) + len(connections) < 2:
                raise Conflict("This is your only way to sign in. Please add another one first.", code="last_way_in")
            return Change(account=account, events=events, also=removal)

        change_account(account_id, decide, accounts=self.accounts, clock=self.clock)

    def close_to_programs(self, account_id: AccountId, now: EpochSeconds, *, only: Scope | None = None) -> None:
        """Every API key ends, or those with a scope."""
        for key in self.api_keys.list_of(account_id, now):
            if only is None or only in key.scopes:
                self.api_keys.remove(account_id, key.id)

    def close_others(self, account_id: AccountId) -> None:
        """Every passkey and every identity elsewhere ends; who calls this has just chosen a password."""
        for passkey in self.passkeys.list_of(account_id):
            self.passkeys.remove(account_id, passkey.id)
        for connection in self.connections.list_of(account_id):
            self.connections.remove(account_id, connection.provider)


def _must_be_verified(account: Account) -> Account:
    if not account.email_verified:
        raise NotAllowed("Please confirm your e-mail address first.", code="email_unverified")
    return account
