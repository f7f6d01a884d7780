"""Rows that are written together or not at all."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from core.domain.errors import Conflict, Refused, StoreUnavailable
from core.store.connection import shared_connection
from core.store.faults import CONDITION_FAILED, raise_unavailable, translated
from core.store.rows import Row

_TRANSIENT: Final = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_TRIES: Final = 5
_BACKOFF_S: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Writes the whole row if `only_if` holds; `or_else` is what its failure means to the caller."""

    row: Row
    only_if: Condition | None = None
    or_else: Refused | None = None


def put_all(puts: Sequence[Put]) -> None:
    """All of `puts` or none, in one transaction (a single one goes without, at half the price).

    Raises the `or_else` of the first put whose condition fails, StoreUnavailable for faults.
    """
    if len(puts) == 1:
        with translated(or_else=puts[0].or_else or _unexpected()):
            puts[0].row.save(condition=puts[0].only_if)
        return
    for attempt in range(_TRIES):
        try:
            _transact(puts)
        except TransactWriteError as error:
            _refuse(puts, error)
            # Two transactions met on one row. botocore does not retry that for us; full jitter parts them.
            time.sleep(random.uniform(0, _BACKOFF_S * 2**attempt))  # noqa: S311 - no secret is made of it
        else:
            return
    raise StoreUnavailable("The database is too busy at the moment.")


def _transact(puts: Sequence[Put]) -> None:
    with TransactWrite(connection=shared_connection()) as transaction:
        for put in puts:
            transaction.save(put.row, condition=put.only_if)


def _refuse(puts: Sequence[Put], error: TransactWriteError) -> None:
    """Raises what the cancelled transaction means; returns if trying again at once may help.

    Reasons come one per row, in our order, None for rows that were fine.
    """
    reasons = error.cancellation_reasons
    for put, reason in zip(puts, reasons, strict=False):
        if reason is not None and reason.code == CONDITION_FAILED:
            raise put.or_else or _unexpected() from error
    codes = {reason.code for reason in reasons if reason is not None}
    if not codes:
        raise_unavailable(error)
    if not codes <= _TRANSIENT:
        raise error


def _unexpected() -> Refused:
    return Conflict("Somebody else changed this at the same time.")
