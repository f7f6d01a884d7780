"""Rows that are written together or not at all."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from core.domain.backoff import full_jitter
from core.domain.errors import Conflict, Refused, StoreUnavailable
from core.store.connection import shared_connection
from core.store.faults import CONDITION_FAILED, raise_unavailable, translated
from core.store.rows import Row

_TRANSIENT: Final = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_TRIES: Final = 5
_BACKOFF_S: Final = 0.02


class Stale(Conflict):
    """It was changed since it was read: look again, and decide anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Writes the whole row if `only_if` holds; `or_else` is what its failure means to the caller."""

    row: Row
    only_if: Condition | None = None
    or_else: Refused | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Removes the row if `only_if` holds; of the row only its keys are looked at."""

    row: Row
    only_if: Condition | None = None
    or_else: Refused | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Changes single attributes of the row with that key, which need not be there; for what many count at once."""

    row: Row
    actions: tuple[Action, ...]
    only_if: Condition | None = None
    or_else: Refused | None = None


Write = Put | Delete | Change
_SENT: Final[Sequence[type[Write]]] = (Delete, Put, Change)
"""The order in which pynamodb sends them."""


def write_all(writes: Sequence[Write]) -> None:
    """All of `writes` or none, in one transaction (a single one goes without, at half the price).

    Raises the `or_else` of the first write whose condition fails, StoreUnavailable for faults.
    """
    if len(writes) == 1:
        _alone(writes[0])
        return
    # pynamodb sends each kind for itself, whatever the order it was told them in, and reasons come as it sent them.
    writes = sorted(writes, key=lambda write: _SENT.index(type(write)))
    for attempt in range(_TRIES):
        try:
            _transact(writes)
        except TransactWriteError as error:
            _refuse(writes, error)
            # Two transactions met on one row. botocore does not retry that for us; full jitter parts them.
            time.sleep(full_jitter(_BACKOFF_S, attempt))
        else:
            return
    raise StoreUnavailable("The database is too busy at the moment.")


def _alone(write: Write) -> None:
    with translated(or_else=write.or_else or _unexpected()):
        if isinstance(write, Put):
            write.row.save(condition=write.only_if)
        elif isinstance(write, Delete):
            write.row.delete(condition=write.only_if)
        else:
            write.row.update(actions=list(write.actions), condition=write.only_if)


def _transact(writes: Sequence[Write]) -> None:
    with TransactWrite(connection=shared_connection()) as transaction:
        for write in writes:
            if isinstance(write, Put):
                transaction.save(write.row, condition=write.only_if)
            elif isinstance(write, Delete):
                transaction.delete(write.row, condition=write.only_if)
            else:
                transaction.update(write.row, actions=list(write.actions), condition=write.only_if)


def _refuse(writes: Sequence[Write], error: TransactWriteError) -> None:
    """Raises what the cancelled transaction means; returns if trying again at once may help.

    Reasons come one per row, in our order, None for rows that were fine.
    """
    reasons = error.cancellation_reasons
    for write, reason in zip(writes, reasons, strict=False):
        if reason is not None and reason.code == CONDITION_FAILED:
            raise write.or_else or _unexpected() from error
    codes = {reason.code for reason in reasons if reason is not None}
    if not codes:
        raise_unavailable(error)
    if not codes <= _TRANSIENT:
        raise error


def _unexpected() -> Refused:
    return Conflict("Somebody else changed this at the same time.")
