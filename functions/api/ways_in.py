"""How many ways lead into an account: nobody may take the last one away from themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.errors import Conflict
from core.domain.ids import AccountId

if TYPE_CHECKING:
    from core.store.accounts import AccountRepository
    from core.store.connections import ConnectionRepository
    from core.store.passkeys import PasskeyRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysIn:
    accounts: AccountRepository
    passkeys: PasskeyRepository
    connections: ConnectionRepository

    def must_be_another(self, account_id: AccountId) -> None:
        """Raises Conflict(`last_way_in`) if there is just one: a password, a passkey or a connection.

        A mailed link does not count: it leads in as long as the mailbox does, which is not ours to promise.
        """
        password = bool(self.accounts.get(account_id).password_hash)
        ways = password + len(self.passkeys.list_of(account_id)) + len(self.connections.list_of(account_id))
        if ways < 2:
            raise Conflict("This is your only way to sign in. Please add another one first.", code="last_way_in")
