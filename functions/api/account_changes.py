"""Change an account that another request may be changing at the same time: load, decide, save; if stale, again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.domain.accounts import Account
from core.domain.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.domain.ids import AccountId
    from core.messages.message import Message
    from core.ports.clock import Clock
    from core.store.accounts import AccountRepository
    from core.store.writes import Write

STALE: Final = "stale_account"
ATTEMPTS: Final = 4
"""Losing the race more often than this means that something is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    account: Account
    events: Sequence[Message] = ()
    also: Sequence[Write] = ()
    """What is written together with it, or not at all."""


def change_account(
    account_id: AccountId,
    decide: Callable[[Account], Change | None],
    *,
    accounts: AccountRepository,
    clock: Clock,
) -> Account:
    """The account after the change; `decide` sees it as it is now and answers None to leave it so.

    Raises NotFound(`account_not_found`), Conflict(`stale_account`) if somebody else was faster every time, and
    whatever `decide` raises.
    """
    for attempt in range(1, ATTEMPTS + 1):
        account = accounts.get(account_id)
        change = decide(account)
        if change is None:
            return account
        try:
            return accounts.save(change.account, events=change.events, also=change.also, now=clock.now())
        except Conflict as conflict:
            if conflict.code != STALE or attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable: the last attempt returns or raises")
